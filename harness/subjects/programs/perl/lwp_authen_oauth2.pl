# LWP::Authen::OAuth2 as a program under test: perl lwp_authen_oauth2.pl
#
# The library builds the authorization request, exchanges, refreshes when it makes a request, and hands its tokens over
# as a text by `save_tokens`. The application looks at the callback, makes the code verifier, which this version does
# not, and sets `early_refresh_time` to the default of five minutes. https://metacpan.org/pod/LWP::Authen::OAuth2, 0.20,
# seen 2026-11-30.
use strict;
use warnings;

# All time that the library looks at is the time that the program is told.
BEGIN {
    *CORE::GLOBAL::time = sub () {
        open my $file, '<', $ENV{REFRESHPROOF_CLOCK} or die "no clock: $!";
        return int <$file>;
    };
}

use Digest::SHA qw(sha256);
use JSON;
use LWP::Authen::OAuth2;
use MIME::Base64 qw(encode_base64url);
use URI;

my %OFFLINE = (MICROSOFT => 'offline_access');    # what a vendor's documentation asks for a refresh token
my %OVER = map { $_ => 1 } qw(invalid_grant interaction_required consent_required);
my %PASSING = map { $_ => 1 } qw(temporarily_unavailable server_error);
my ($app, $store, $client, $login);

sub failed { my ($class, %about) = @_; die { class => $class, %about } }

sub secret {
    open my $source, '<:raw', '/dev/urandom' or die "no randomness: $!";
    read $source, my $drawn, 32;
    return encode_base64url($drawn);
}

sub save {    # in one move: the process may end at any moment
    my ($tokens) = @_;
    open my $file, '>', "$store/tokens.json.new" or die "no store: $!";
    print {$file} $tokens;
    close $file or die "no store: $!";
    rename "$store/tokens.json.new", "$store/tokens.json" or die "no store: $!";
    return;
}

sub begin {
    my ($sent) = @_;
    ($app, $store) = @{$sent}{qw(registration store)};
    my $stored;
    if (open my $file, '<', "$store/tokens.json") { local $/; $stored = <$file> }
    $client = LWP::Authen::OAuth2->new(
        (map { $_ => $app->{$_} } qw(client_id client_secret redirect_uri authorization_endpoint token_endpoint)),
        is_strict          => 0,      # so that parameters can be added
        early_refresh_time => 300,
        save_tokens        => \&save,
        (defined $stored ? (token_string => $stored) : ()),
    );
    return;
}

sub authorize {
    my @scopes = @{ $app->{scopes} };
    my $offline = $OFFLINE{ $app->{provider_type} };
    push @scopes, $offline if $offline && !grep { $_ eq $offline } @scopes;
    $login = { state => secret(), $app->{pkce} ? (code_verifier => secret()) : () };
    return $client->authorization_url(
        scope => join($app->{scope_separator}, @scopes),
        state => $login->{state},
        %{ $app->{authorization_parameters} },
        $app->{pkce}
        ? (code_challenge => encode_base64url(sha256($login->{code_verifier})), code_challenge_method => 'S256')
        : (),
    );
}

sub callback {
    my ($address) = @_;
    my $uri = URI->new($address);
    my @iss = $uri->query_param('iss');
    my $known = @iss ? @iss == 1 && $iss[0] eq $app->{issuer} : !$app->{iss_expected};
    failed('config') unless $login && $known && ($uri->query_param('state') // '') eq $login->{state};
    failed('oauth_error', oauth_error => $uri->query_param('error')) if defined $uri->query_param('error');
    my $code = $uri->query_param('code') // failed('config');
    $client->request_tokens(code => $code, $app->{pkce} ? (code_verifier => $login->{code_verifier}) : ());
    undef $login;
    return;
}

sub refreshable { return $client->access_token && $client->can_refresh_tokens ? JSON::true : JSON::false }

sub needed { failed('reauth_required') unless $client->access_token; return $client }

# The library says by a text what went wrong.
sub told {
    my ($error) = @_;
    return $error if ref $error eq 'HASH';
    if ($error =~ /^OAuth2 error: (\S+)/) {
        my $class = $OVER{$1} ? 'invalid_grant' : $PASSING{$1} ? 'transport' : 'oauth_error';
        return { class => $class, oauth_error => $1 };
    }
    if ($error =~ /^Token endpoint gave invalid JSON.*^Status: (\d+)/ms) {
        return $1 >= 400 ? { class => 'http_status', status => 0 + $1 } : { class => 'parse' };
    }
    return { class => 'parse' } if $error =~ /^Token (?:endpoint missing expected token_type|type )/;
    return { class => 'crash', message => substr $error, 0, 500 };
}

my %commands = (
    hello => sub { return { protocol => 2 } },
    start => sub {
        begin(@_);
        my @claims = qw(refresh restart clock visible_output);
        return { subject => { name => 'LWP::Authen::OAuth2', version => $LWP::Authen::OAuth2::VERSION, capabilities => \@claims } };
    },
    clock     => sub { return { now => 0 + time } },
    authorize => sub { return { url => authorize() } },
    callback  => sub { callback($_[0]{url}); return { refreshable => refreshable() } },
    call      => sub { return { status => 0 + needed()->get($_[0]{resource})->code } },
    refresh   => sub { needed()->refresh_access_token; return {} },
    restart   => sub { begin({ registration => $app, store => $store }); return {} },
);

open my $output, '>&', \*STDOUT or die "no output: $!";
open STDOUT, '>&', \*STDERR or die "no output: $!";    # stdout is for answers
$output->autoflush(1);
my $json = JSON->new->utf8->canonical;
while (my $line = <STDIN>) {
    my $sent = $json->decode($line);
    my $work = $commands{ $sent->{cmd} };
    my $said = $work ? eval { return { ok => JSON::true, %{ $work->($sent) } } } : { unsupported => JSON::true };
    $said //= { ok => JSON::false, error => told($@) };
    print {$output} $json->encode({ id => $sent->{id}, %{$said} }), "\n";
}
