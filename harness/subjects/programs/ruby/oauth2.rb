# ruby-oauth2 as a program under test: ruby oauth2.rb
#
# OAuth2::Client builds the authorization request, exchanges and refreshes; AccessToken tells whether it has expired, and
# makes requests. The application looks at the callback, makes the code verifier, which this version does not, refreshes
# what has expired, and stores `to_hash`. https://github.com/oauth-xx/oauth2, README of 1.4.4, seen 2026-11-30.
require 'digest'
require 'json'
require 'oauth2'
require 'oauth2/version'
require 'securerandom'
require 'uri'

# All time that the library looks at is the time that the program is told.
class << Time
  def now
    at(Rational(File.read(ENV.fetch('REFRESHPROOF_CLOCK')).strip))
  end
end

class Failure < StandardError
  attr_reader :about

  def initialize(kind, **about)
    super(kind)
    @about = { class: kind, **about }
  end
end

# An application that uses the library.
class Application
  OFFLINE = { 'MICROSOFT' => ['offline_access'] }.freeze # what a vendor's documentation asks for a refresh token
  SCHEMES = { 'client_secret_basic' => :basic_auth, 'client_secret_post' => :request_body }.freeze

  def initialize(registration, store)
    @registration = registration
    @file = "#{store}/tokens.json"
    @stored = File.exist?(@file) ? JSON.parse(File.read(@file)) : nil
    @client = OAuth2::Client.new(
      registration['client_id'], registration['client_secret'],
      authorize_url: registration['authorization_endpoint'], token_url: registration['token_endpoint'],
      redirect_uri: registration['redirect_uri'], auth_scheme: SCHEMES.fetch(registration['client_authentication'])
    )
  end

  def refreshable
    !(@stored || {})['refresh_token'].to_s.empty?
  end

  def authorize
    @state, verifier = SecureRandom.urlsafe_base64(32), SecureRandom.urlsafe_base64(32)
    @verifier = @registration['pkce'] ? { code_verifier: verifier } : {}
    challenge = Digest::SHA256.base64digest(verifier).tr('+/', '-_').delete('=')
    scopes = @registration['scopes'] | OFFLINE.fetch(@registration['provider_type'], [])
    parameters = @registration['authorization_parameters'].merge('scope' => scopes.join(@registration['scope_separator']), 'state' => @state)
    parameters.merge!('code_challenge' => challenge, 'code_challenge_method' => 'S256') if @registration['pkce']
    @client.auth_code.authorize_url(parameters)
  end

  def callback(address)
    keep(@client.auth_code.get_token(code(address), @verifier.dup))
    @state = nil
  end

  def call(resource)
    refresh if token.expired?
    token.get(resource).status
  end

  def refresh
    keep(token.refresh!)
  end

  private

  def token
    raise Failure, 'reauth_required' unless @stored

    OAuth2::AccessToken.from_hash(@client, @stored)
  end

  def keep(token) # in one move: the process may end at any moment
    @stored = JSON.parse(JSON.generate(token.to_hash))
    File.write("#{@file}.new", JSON.generate(@stored), perm: 0o600)
    File.rename("#{@file}.new", @file)
  end

  def code(address)
    query = URI.decode_www_form(URI.parse(address).query.to_s)
    values = query.group_by(&:first).transform_values { |pairs| pairs.map(&:last) }
    iss = values['iss']
    known = iss ? iss == [@registration['issuer']] : !@registration['iss_expected']
    raise Failure, 'config' unless @state && values['state'] == [@state] && known
    raise Failure.new('oauth_error', oauth_error: values['error'].first) if values['error']

    values.fetch('code') { raise Failure, 'config' }.first
  end
end

OVER = %w[invalid_grant interaction_required consent_required].freeze # a new login is needed
PASSING = %w[temporarily_unavailable server_error].freeze

def class_of(code, status)
  return 'invalid_grant' if OVER.include?(code)
  return 'transport' if PASSING.include?(code)
  return 'http_status' if status == 429 || status >= 500 || (code.nil? && status >= 400)

  code.nil? ? 'parse' : 'oauth_error'
end

def told(error)
  case error
  when Failure then error.about
  when OAuth2::Error
    code = error.code.is_a?(String) ? error.code : nil
    status = error.response.status
    { class: class_of(code, status), oauth_error: code, status: status, message: error.class.name }
  when Faraday::Error then { class: 'transport', message: error.class.name }
  else
    over = error.message == 'A refresh_token is not available'
    { class: over ? 'reauth_required' : 'crash', message: "#{error.class}: #{error.message[0, 500]} #{error.backtrace&.first}" }
  end
end

SUBJECT = { name: 'ruby-oauth2', version: OAuth2::Version.to_s, capabilities: %w[refresh restart clock visible_output] }.freeze

def answer(sent)
  case sent['cmd']
  when 'hello' then { protocol: 2 }
  when 'start'
    @start = sent
    @application = Application.new(sent['registration'], sent['store'])
    { subject: SUBJECT }
  when 'clock' then { now: Time.now.to_f }
  when 'authorize' then { url: @application.authorize }
  when 'callback'
    @application.callback(sent['url'])
    { refreshable: @application.refreshable }
  when 'call' then { status: @application.call(sent['resource']) }
  when 'refresh'
    @application.refresh
    {}
  when 'restart'
    @application = Application.new(@start['registration'], @start['store'])
    {}
  end
end

output = $stdout.dup
$stdout.reopen($stderr) # stdout is for answers
output.sync = true
$stdin.each_line do |line|
  sent = JSON.parse(line)
  said = begin
    found = answer(sent)
    found ? { ok: true, **found } : { unsupported: true }
  rescue SystemExit, Interrupt, NoMemoryError
    raise
  rescue Exception => e # rubocop:disable Lint/RescueException -- a SystemStackError is the client's as well
    { ok: false, error: told(e) }
  end
  output.puts(JSON.generate({ id: sent['id'], **said }))
end
