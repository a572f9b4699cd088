# LWP::Authen::OAuth2 at a vendor: the login's address out, the callback in, a call and a refresh after it.
use strict;
use warnings;
use JSON;
use LWP::Authen::OAuth2;
use URI;

$| = 1;
my $client = LWP::Authen::OAuth2->new(
    client_id              => $ENV{CLIENT_ID},
    client_secret          => $ENV{CLIENT_SECRET},
    redirect_uri           => $ENV{CALLBACK},
    authorization_endpoint => $ENV{AUTHORIZATION},
    token_endpoint         => $ENV{TOKEN},
    is_strict              => 0,
);
print $client->authorization_url(scope => $ENV{SCOPE}, state => 's'), "\n";
my %callback = URI->new(scalar <STDIN>)->query_form;
$client->request_tokens(code => $callback{code});
my $first = from_json($client->token_string)->{access_token};
my $user = $client->get($ENV{RESOURCE})->decoded_content;
$client->request_tokens(grant_type => 'refresh_token', refresh_token => from_json($client->token_string)->{refresh_token});
print to_json({ user => $user, renewed => from_json($client->token_string)->{access_token} ne $first ? JSON::true : JSON::false }), "\n";
