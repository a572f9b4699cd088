# ruby-oauth2 at a vendor: the login's address out, the callback in, a call and a refresh after it.
require 'json'
require 'oauth2'

$stdout.sync = true
client = OAuth2::Client.new(
  ENV.fetch('CLIENT_ID'), ENV.fetch('CLIENT_SECRET'),
  authorize_url: ENV.fetch('AUTHORIZATION'), token_url: ENV.fetch('TOKEN'), auth_scheme: :request_body
)
puts client.auth_code.authorize_url(redirect_uri: ENV.fetch('CALLBACK'), scope: ENV.fetch('SCOPE'), state: 's')
code = URI.decode_www_form(URI($stdin.readline.chomp).query).to_h.fetch('code')
token = client.auth_code.get_token(code, redirect_uri: ENV.fetch('CALLBACK'))
user = token.get(ENV.fetch('RESOURCE')).body
renewed = token.refresh!
puts JSON.generate(user: user, renewed: renewed.token != token.token)
