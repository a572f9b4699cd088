"""Every row of the seed checklist that concerns the client, mapped to the tests that show it.

A: troubleshooting page (seeds 000, 001). B: how-to (seed 002). C: developer page (seed 003). K: decided readings.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent

FLOW, REFRESH, REST, WEB = "flow", "refresh", "rest", "web"

THIRTY_DAYS = (FLOW, "test_a_token_without_refresh_token_has_to_live_thirty_days")
VENDOR_RULES = (FLOW, "test_each_vendor_s_rule_for_a_refresh_token_is_met_by_its_type_or_the_message_follows")
MINIMUM = (FLOW, "test_the_minimum_lifetime_setting_decides")
GENERIC = (FLOW, "test_generic_sends_select_account_and_nothing_of_google_s_and_adds_no_scope")
GOOGLE = (FLOW, "test_google_gets_consent_and_offline")
EXCHANGE = (FLOW, "test_the_exchange_repeats_the_redirect_uri_and_proves_the_verifier")
BOUNDARY = ("decide", "test_the_decision_flips_exactly_at_skew_plus_client_delay_plus_margin")
SERVICES = ("storage", "test_the_services_find_by_id_and_name_and_fail_with_a_named_error")
SAMPLE = (REST, "test_the_page_s_sample_is_stored_verbatim_and_read_back_without_its_secret")
ONE_RESULT = (FLOW, "test_a_good_callback_leads_to_the_landing_page_and_a_result_that_is_read_once")

ROWS: dict[str, list[tuple[str, str]]] = {
    "A-01 message and log line": [THIRTY_DAYS],
    "A-02 long-lived access token alone": [THIRTY_DAYS],
    "A-03 short-lived access token with refresh token": [THIRTY_DAYS],
    "A-04 Google needs its type": [VENDOR_RULES],
    "A-05 prompt includes consent": [GOOGLE],
    "A-06 Custom's prompt is select_account": [GENERIC],
    "A-07 access_type offline": [GOOGLE],
    "A-08 Microsoft appends offline_access": [(FLOW, "test_microsoft_gets_offline_access_exactly_once")],
    "A-09 try adding offline_access": [(FLOW, "test_adding_offline_access_and_testing_again_solves_the_problem")],
    "A-10 minimum lifetime setting": [MINIMUM],
    "A-12 troubleshooting text": [
        (FLOW, "test_the_diagnosis_says_what_was_sent_what_is_missing_and_which_setting_bears_on_it")
    ],
    "A-13 Custom is GENERIC": [("token", "test_the_three_provider_types_and_nothing_else")],
    "A-15 Microsoft's rule": [VENDOR_RULES],
    "A-16 Custom against Microsoft": [VENDOR_RULES],
    "B-01 offline_access for a refresh token": [VENDOR_RULES],
    "B-02 authorization_code grant": [EXCHANGE],
    "B-03 renewal without the user": [(REFRESH, "test_each_refresh_presents_the_newest_token_once")],
    "B-07 authorize again": [(REFRESH, "test_authorizing_again_replaces_the_token_and_clears_its_status")],
    "B-08 logout deletes the token": [(WEB, "test_logout_deletes_the_tokens_of_one_configuration_or_all")],
    "B-09 /login on localhost": [(WEB, "test_login_serves_until_the_browser_has_come_back")],
    "B-10 check for a refresh token": [
        (WEB, "test_check_tells_whether_each_token_can_be_refreshed_and_shows_no_secret")
    ],
    "B-11 stored securely": [
        ("storage", "test_no_file_of_the_database_holds_a_secret_in_clear_or_is_readable_by_others"),
        (WEB, "test_the_key_file_is_made_once_for_its_owner_only"),
    ],
    "B-12 expiry is detected before it happens": [BOUNDARY],
    "B-13 refreshed automatically": [(REFRESH, "test_a_fresh_token_costs_no_request_and_an_expiring_one_costs_one")],
    "B-15 no expires_at": [(REFRESH, "test_unknown_lifetime_is_refreshed_when_the_resource_server_says_so")],
    "B-16 saved after the refresh": [
        (REFRESH, "test_the_pair_is_stored_before_the_new_access_token_is_used"),
        ("storage", "test_kill_9_at_any_point_leaves_a_database_that_opens_and_at_most_one_refresh_to_repeat"),
    ],
    "B-17 failures are told": [(REFRESH, "test_force_refresh_tells_why_it_failed_and_by_whose_fault")],
    "B-19 grant type": [EXCHANGE],
    "B-20 credentials in the token request": [
        (REFRESH, "test_the_refresh_request_has_one_client_authentication_and_no_empty_parameter")
    ],
    "B-22 rotation and concurrency": [
        ("interleaving", "test_at_every_interleaving_one_refresh_is_in_flight_and_the_newest_pair_stays")
    ],
    "B-23 no refresh token at expiry": [
        (REFRESH, "test_without_refresh_token_no_request_is_made_and_the_user_is_asked_at_expiry")
    ],
    "B-24 fresh token unchanged": [(REFRESH, "test_refresh_if_needed_saves_nothing")],
    "C-02 default refresh token duration": [(REFRESH, "test_the_refresh_expiry_is_the_provider_s_or_the_default")],
    "C-03 minimum access token lifetime": [MINIMUM],
    "C-04 clock skew": [
        (REFRESH, "test_nodes_a_minute_apart_share_a_token_without_refreshing_in_turns"),
        ("decide", "test_no_expired_token_arrives_for_any_skew_and_delay_within_the_bounds"),
    ],
    "C-05 client delay": [
        (FLOW, "test_the_code_is_not_sent_later_than_the_client_delay_after_the_callback"),
        (FLOW, "test_a_flow_is_started_and_its_result_read_within_the_client_delay"),
    ],
    "C-06 server delay": [
        (FLOW, "test_the_callback_counts_until_exactly_the_server_delay"),
        (REFRESH, "test_an_answer_after_the_total_deadline_is_lost"),
    ],
    "C-07 lifetime of invalid tokens": [
        ("prune", "test_an_unrecoverable_token_is_kept_for_its_lifetime_and_removed_after_it")
    ],
    "C-08 pruning schedule": [
        ("prune", "test_the_job_fires_at_23_00_and_once"),
        ("cron", "test_the_next_firing_is_quartz_s"),
        ("cron", "test_what_quartz_refuses_is_refused"),
    ],
    "C-09 stripes": [
        (REFRESH, "test_two_hundred_threads_on_one_token_make_one_request"),
        (REFRESH, "test_sixty_five_tokens_on_one_stripe_all_succeed"),
    ],
    "C-10 base URL https": [(FLOW, "test_http_base_urls_are_refused_naming_the_setting")],
    "C-11 provider https": [(REST, "test_http_endpoints_need_their_own_setting_which_the_refusal_names")],
    "C-12 failing period": [
        (REFRESH, "test_a_refused_grant_is_probed_daily_and_unrecoverable_by_the_attempt_at_seven_days"),
        (REFRESH, "test_a_success_starts_the_failing_period_over"),
    ],
    "C-13 REST for configurations": [SAMPLE],
    "C-14 list": [(REST, "test_list_is_empty_then_ordered_by_name")],
    "C-15 POST": [SAMPLE, (REST, "test_each_required_field_is_named_when_absent_blank_or_of_a_wrong_type")],
    "C-16 GET by id": [SAMPLE, (REST, "test_an_unknown_id_is_404")],
    "C-17 DELETE": [(REST, "test_delete_removes_the_configuration_and_its_tokens_once")],
    "C-18 PUT": [(REST, "test_put_updates_and_keeps_the_secret_when_the_body_has_none")],
    "C-19 redirect URI": [
        (REST, "test_a_redirect_uri_is_stable_per_endpoint_and_follows_a_stored_suffix"),
        (REST, "test_a_missing_or_bad_endpoint_is_a_named_error_and_no_id"),
    ],
    "C-20 request collection": [(REST, "test_the_description_lists_every_path_and_field_and_needs_no_credential")],
    "C-21 importable interfaces": [("token", "test_the_seed_s_calls_exist_under_their_python_names")],
    "C-22 save": [SERVICES, ("token", "test_every_field_of_a_configuration_but_the_description_is_required")],
    "C-23 provider types": [("token", "test_the_three_provider_types_and_nothing_else")],
    "C-24 find and list": [SERVICES],
    "C-25 landing page": [ONE_RESULT],
    "C-26 flow on the page": [
        (WEB, "test_a_login_ends_on_a_page_that_says_a_refresh_token_came_and_shows_no_secret")
    ],
    "C-27 same session": [
        (FLOW, "test_another_session_can_neither_deliver_the_callback_nor_start_nor_read_the_flow")
    ],
    "C-28 result kinds": [ONE_RESULT],
    "C-29 caller stores the token": [(FLOW, "test_one_call_reads_the_result_and_stores_its_token")],
    "C-30 errors": [(FLOW, "test_a_failed_exchange_is_a_result_and_the_code_is_never_sent_twice")],
    "C-31 token storage": [
        SERVICES,
        ("token", "test_copy_and_change_keeps_the_other_fields_and_replaces_the_stored_token"),
    ],
    "C-32 token fields": [
        ("storage", "test_what_is_stored_comes_back_equal"),
        ("token", "test_a_record_without_a_required_member_cannot_be_built"),
    ],
    "C-33 execute": [(REFRESH, "test_a_fresh_token_costs_no_request_and_an_expiring_one_costs_one")],
    "C-34 getRefreshedToken": [(REFRESH, "test_get_refreshed_token_stores_what_it_returns")],
    "C-35 forceRefresh": [(REFRESH, "test_force_refresh_always_asks_and_saves_nothing")],
    "C-36 refreshIfNeeded": [(REFRESH, "test_refresh_if_needed_saves_nothing")],
    "C-37 findByIdOrFail": [SERVICES],
    "C-38 path": [SAMPLE],
    "C-39 suffix": [("token", "test_the_suffix_is_derived_from_the_exact_endpoint_unless_one_is_given")],
    "C-40 type and providerType": [SAMPLE],
    "C-41 ClientToken and entity": [
        ("token", "test_a_refreshed_token_of_the_service_can_be_stored_by_the_caller")
    ],
    "K-01 60120": [("settings", "test_the_printed_60120_is_read_as_60_struck_out_then_120")],
    "K-08 sample suffix": [SAMPLE],
    "K-09 inverted sentence": [("decide", "test_the_page_s_sentence_is_not_read_literally")],
    "K-11 both or none": [
        ("token", "test_refresh_token_and_expiry_are_both_set_or_both_absent_and_an_access_token_is_there")
    ],
    "K-13 expires_in missing": [(REFRESH, "test_an_answer_without_lifetime_repeats_the_previous_one")],
    "K-26 names": [("token", "test_the_seed_s_calls_exist_under_their_python_names")],
    "K-27 prompt is a parameter": [GOOGLE],
    "K-28 seven days for every failure": [
        (REFRESH, "test_a_refused_grant_is_probed_daily_and_unrecoverable_by_the_attempt_at_seven_days")
    ],
}  # fmt: skip

ELSEWHERE = {
    "A-11": "the provider profiles hold each vendor's issuance rule",
    "A-14": "prose",
    "A-17": "page furniture",
    "B-04": "the mock's console", "B-05": "the mock's console", "B-06": "the mock's application registration",
    "B-14": "the sample is a subject of the harness", "B-18": "the mock refuses it", "B-21": "prose", "B-25": "prose",
    "C-01": "prose", "C-42": "page furniture",
}  # fmt: skip
"""Rows of A to C that are not the client's, and why."""


@pytest.mark.parametrize(("row", "tests"), ROWS.items(), ids=ROWS)
def test_a_row_names_tests_that_exist(row: str, tests: list[tuple[str, str]]) -> None:
    assert tests, row
    for module, name in tests:
        tree = ast.parse(next(HERE.rglob(f"test_{module}.py")).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{row}: {name}"


def test_no_row_of_the_three_pages_is_left_out() -> None:
    known = {row.split()[0] for row in ROWS} | ELSEWHERE.keys()
    last = {"A": 17, "B": 25, "C": 42}
    expected = {f"{page}-{number:02}" for page, count in last.items() for number in range(1, count + 1)}
    assert {row for row in known if row[0] in last} == expected
