# Net::OAuth2 at a vendor: the login's address out, the callback in, a call and a refresh after it.
use strict;
use warnings;
use JSON;
use Net::OAuth2::Profile::WebServer;
use URI;

$| = 1;
my $client = Net::OAuth2::Profile::WebServer->new(
    client_id         => $ENV{CLIENT_ID},
    client_secret     => $ENV{CLIENT_SECRET},
    redirect_uri      => $ENV{CALLBACK},
    authorize_url     => $ENV{AUTHORIZATION},
    access_token_url  => $ENV{TOKEN},
    refresh_token_url => $ENV{TOKEN},
    scope             => $ENV{SCOPE},
    state             => 's',
);
print $client->authorize(%{from_json($ENV{OFFLINE})}), "\n";
my %callback = URI->new(scalar <STDIN>)->query_form;
my $token = $client->get_access_token($callback{code});
my ($first, $user) = ($token->access_token, $token->get($ENV{RESOURCE})->decoded_content);
$token->refresh;
print to_json({ user => $user, renewed => $token->access_token ne $first ? JSON::true : JSON::false }), "\n";
