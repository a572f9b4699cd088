// An OAuth 2.0 client on Go's standard library, the one that adapter.go tests. It knows nothing of the protocol: your
// own client goes in its place.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	b64 "encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

var app, grant object           // the registration, and what is stored
var flows = map[string]string{} // the verifiers of logins that are under way, by their state
var paused float64              // no refresh before this time
var web = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func text(value any) string    { found, _ := value.(string); return strings.TrimSpace(found) }
func number(value any) float64 { found, _ := strconv.ParseFloat(fmt.Sprint(value), 64); return found }
func now() float64 {
	told, _ := os.ReadFile(os.Getenv("REFRESHPROOF_CLOCK"))
	return number(text(string(told)))
}
func secret() string {
	drawn := make([]byte, 32)
	rand.Read(drawn)
	return b64.RawURLEncoding.EncodeToString(drawn)
}
func store() string { return os.Getenv("REFRESHPROOF_STORE") + "/tokens.json" }
func check(holds bool, class string, status int, code string) {
	if !holds {
		panic(object{"class": class, "status": map[bool]any{true: status}[status > 0], "oauth_error": code})
	}
}
func save(new object) { // in one move: the process may end at any moment
	line, _ := json.Marshal(new)
	check(os.WriteFile(store()+".new", line, 0o600) == nil && os.Rename(store()+".new", store()) == nil, "config", 0, "")
	grant = new
}
func send(method, address, kind, credentials, form string) (int, object) {
	request, _ := http.NewRequest(method, address, strings.NewReader(form))
	request.Header = http.Header{"Accept": {"application/json"}, kind: {credentials}}
	answer, err := web.Do(request)
	check(err == nil, "transport", 0, "")
	body, err := io.ReadAll(answer.Body)
	check(err == nil && answer.Body.Close() == nil, "transport", 0, "")
	var found object
	_ = json.Unmarshal(body, &found)
	return answer.StatusCode, found
}
func token(form url.Values) object {
	form.Set("client_id", text(app["client_id"]))
	form.Set("client_secret", text(app["client_secret"]))
	status, answer := send("POST", text(app["token_endpoint"]), "Content-Type", "application/x-www-form-urlencoded", form.Encode())
	code, lifetime, kind := text(answer["error"]), number(answer["expires_in"]), answer["token_type"]
	dead := code != "" && strings.Contains("invalid_grant unauthorized_client interaction_required consent_required", code)
	check(!dead, "invalid_grant", status, code)
	check(code == "", "oauth_error", status, code)
	check(status/100 == 2, "http_status", status, "")
	check(text(answer["access_token"]) != "", "parse", status, "")
	if !(lifetime > 0 && lifetime < 1e9) {
		lifetime = 3600
	}
	return object{"access": answer["access_token"], "refresh": text(answer["refresh_token"]), "over": now() + lifetime,
		"due": now() + lifetime*0.9, "bearer": kind == nil || strings.EqualFold(text(kind), "bearer")}
}
func authorize() string {
	state, verifier := secret(), secret()
	challenge, scope := sha256.Sum256([]byte(verifier)), strings.Trim(fmt.Sprint(app["scopes"]), "[]")
	if app["provider_type"] == "MICROSOFT" && !strings.Contains(scope, "offline_access") {
		scope += " offline_access"
	}
	query := url.Values{"response_type": {"code"}, "client_id": {text(app["client_id"])}, "redirect_uri": {text(app["redirect_uri"])},
		"scope": {scope}, "state": {state}, "code_challenge_method": {"S256"},
		"code_challenge": {b64.RawURLEncoding.EncodeToString(challenge[:])}}
	for name, value := range app["authorization_parameters"].(object) {
		query.Set(name, text(value))
	}
	flows[state] = verifier
	return text(app["authorization_endpoint"]) + "?" + query.Encode()
}
func callback(back string) {
	address, _ := url.Parse(back)
	query := address.Query()
	verifier, iss := flows[query.Get("state")], query["iss"]
	check(verifier != "" && (len(iss) == 1 && iss[0] == app["issuer"] || iss == nil && app["iss_expected"] != true), "config", 0, "")
	delete(flows, query.Get("state"))
	check(!query.Has("error") && query.Has("code"), "oauth_error", 0, query.Get("error"))
	new := token(url.Values{"grant_type": {"authorization_code"}, "code": query["code"], "redirect_uri": {text(app["redirect_uri"])}, "code_verifier": {verifier}})
	if paused = 0; text(new["refresh"]) != "" || text(grant["refresh"]) == "" { // what can be renewed is not given up for less
		save(new)
	}
}
func renew() (failed any) {
	check(text(grant["refresh"]) != "", "reauth_required", 0, "")
	check(now() >= paused, "transport", 0, "")
	for attempt := 1; attempt == 1 || attempt == 2 && failed.(object)["class"] == "transport"; attempt++ { // once more where no answer came
		func() {
			defer func() { failed = recover() }()
			new := token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {text(grant["refresh"])}})
			if new["refresh"] == "" {
				new["refresh"] = grant["refresh"]
			}
			save(new)
		}()
		if failed == nil {
			return nil
		}
	}
	if paused = now() + 120; failed.(object)["class"] == "invalid_grant" {
		save(object{})
	}
	return failed
}
func get(resource string) int {
	check(grant["bearer"] == true, "config", 0, "")
	status, _ := send("GET", resource, "Authorization", "Bearer "+text(grant["access"]), "")
	return status
}
func call(resource string) int {
	check(text(grant["access"]) != "", "reauth_required", 0, "")
	if now() >= number(grant["due"]) && paused <= now() {
		if failed := renew(); failed != nil && now() >= number(grant["over"]) {
			panic(failed)
		}
	}
	status := get(resource)
	if status == 401 {
		if failed := renew(); failed != nil {
			panic(failed)
		}
		status = get(resource)
	}
	check(status < 400, "http_status", status, "")
	return status
}
