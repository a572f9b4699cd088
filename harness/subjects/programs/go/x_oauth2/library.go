// golang.org/x/oauth2: Config builds the authorization request and exchanges, its TokenSource refreshes ten seconds
// before the end, and one source is shared by all callers. The application looks at the callback, makes the code
// verifier, which this version does not, and stores each token by a TokenSource of its own around the library's.
// https://pkg.go.dev/golang.org/x/oauth2, seen 2026-11-30.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "unsafe" // for the linkname

	"golang.org/x/oauth2"
)

// The library's own clock, a variable of its package: set to the time that the program is told.
//
//go:linkname libraryNow golang.org/x/oauth2.timeNow
var libraryNow func() time.Time

// What the library remembers of token endpoints, for as long as a process lives; a session is a process of its own.
//
//go:linkname styles golang.org/x/oauth2/internal.authStyleCache
var styles cache

type cache struct {
	sync.Mutex
	known map[string]oauth2.AuthStyle
}

type login struct{ state, verifier string }

type failure struct{ class, code string }

var (
	app      object
	config   *oauth2.Config
	stored   *oauth2.Token
	pending  *login
	source   oauth2.TokenSource
	file     string
	client   = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	withHTTP = context.WithValue(context.Background(), oauth2.HTTPClient, client)
)

func text(value any) string { found, _ := value.(string); return found }

func now() time.Time {
	line, _ := os.ReadFile(os.Getenv("REFRESHPROOF_CLOCK"))
	seconds, _ := strconv.ParseFloat(strings.TrimSpace(string(line)), 64)
	return time.UnixMicro(int64(seconds * 1e6))
}

func init() { libraryNow = now }

func forget() {
	styles.Lock()
	defer styles.Unlock()
	styles.known = nil
}

func secret() string {
	drawn := make([]byte, 32)
	_, _ = rand.Read(drawn)
	return base64.RawURLEncoding.EncodeToString(drawn)
}

func begin(sent object) {
	forget()
	app, file, stored, pending = sent["registration"].(object), text(sent["store"])+"/tokens.json", nil, nil
	if line, err := os.ReadFile(file); err == nil {
		stored = &oauth2.Token{}
		_ = json.Unmarshal(line, stored)
	}
	config = &oauth2.Config{ClientID: text(app["client_id"]), ClientSecret: text(app["client_secret"]),
		RedirectURL: text(app["redirect_uri"]), Scopes: scopes(),
		Endpoint: oauth2.Endpoint{AuthURL: text(app["authorization_endpoint"]), TokenURL: text(app["token_endpoint"])}}
	open()
}

// scopes are the registered ones, and what a vendor's documentation asks for a refresh token.
func scopes() (found []string) {
	for _, one := range app["scopes"].([]any) {
		found = append(found, text(one))
	}
	if app["provider_type"] == "MICROSOFT" && !strings.Contains(strings.Join(found, " "), "offline_access") {
		found = append(found, "offline_access")
	}
	return found
}

// saving stores each token that the library brings, with its end in the time that the program is told.
type saving struct{ source oauth2.TokenSource }

func (one saving) Token() (*oauth2.Token, error) {
	token, err := one.source.Token()
	if err == nil {
		keep(token)
	}
	return token, err
}

func keep(token *oauth2.Token) {
	if !token.Expiry.IsZero() { // the library adds the lifetime to the system's time
		token.Expiry = now().Add(time.Until(token.Expiry).Round(time.Second))
	}
	line, _ := json.Marshal(token)
	if os.WriteFile(file+".new", line, 0o600) != nil || os.Rename(file+".new", file) != nil {
		panic(failure{class: "config"})
	}
	stored = token
}

func open() {
	source = nil
	if stored != nil {
		source = oauth2.ReuseTokenSource(stored, saving{renewing()})
	}
}

func renewing() oauth2.TokenSource {
	return config.TokenSource(withHTTP, &oauth2.Token{RefreshToken: stored.RefreshToken})
}

func authorize() string {
	pending = &login{state: secret()}
	options := []oauth2.AuthCodeOption{}
	for name, value := range app["authorization_parameters"].(object) {
		options = append(options, oauth2.SetAuthURLParam(name, text(value)))
	}
	if app["pkce"] == true {
		pending.verifier = secret()
		challenge := sha256.Sum256([]byte(pending.verifier))
		options = append(options, oauth2.SetAuthURLParam("code_challenge_method", "S256"),
			oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:])))
	}
	return config.AuthCodeURL(pending.state, options...)
}

func callback(back string) {
	address, _ := url.Parse(back)
	query := address.Query()
	iss := query["iss"]
	known := len(iss) == 1 && iss[0] == app["issuer"] || iss == nil && app["iss_expected"] != true
	flow := pending
	if flow == nil || query.Get("state") != flow.state || !known {
		panic(failure{class: "config"})
	}
	if query.Has("error") || !query.Has("code") {
		panic(failure{class: "oauth_error", code: query.Get("error")})
	}
	options := []oauth2.AuthCodeOption{}
	if flow.verifier != "" {
		options = append(options, oauth2.SetAuthURLParam("code_verifier", flow.verifier))
	}
	pending = nil
	token, err := config.Exchange(withHTTP, query.Get("code"), options...)
	if err != nil { // the login is over when it has succeeded
		pending = flow
		panic(err)
	}
	keep(token)
	open()
}

func call(resource string) int {
	if source == nil {
		panic(failure{class: "reauth_required"})
	}
	authorized := &http.Client{Transport: &oauth2.Transport{Source: source, Base: client.Transport}}
	answer, err := authorized.Get(resource)
	check(err)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// refresh is for a caller who wants a new token whatever the old one's end.
func refresh() {
	if stored == nil {
		panic(failure{class: "reauth_required"})
	}
	_, err := saving{renewing()}.Token()
	check(err)
	open()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// told says what an error means to whoever called. The library has the answer of the token endpoint and no code of it.
func told(failed any) object {
	var refused *oauth2.RetrieveError
	var network net.Error
	switch err, _ := failed.(error); {
	case errors.As(err, &refused):
		return object{"class": classOf(refused), "status": refused.Response.StatusCode, "oauth_error": codeOf(refused)}
	case errors.As(err, &network) && !strings.Contains(err.Error(), "oauth2: "):
		return object{"class": "transport", "message": fmt.Sprintf("%T", network)}
	case err != nil && strings.Contains(err.Error(), "refresh token is not set"):
		return object{"class": "reauth_required"}
	case err != nil:
		return object{"class": "parse", "message": fmt.Sprintf("%T", err)}
	}
	if known, is := failed.(failure); is {
		return object{"class": known.class, "oauth_error": known.code}
	}
	return object{"class": "crash", "message": fmt.Sprint(failed)}
}

func codeOf(refused *oauth2.RetrieveError) string {
	var document object
	_ = json.Unmarshal(refused.Body, &document)
	return text(document["error"])
}

func classOf(refused *oauth2.RetrieveError) string {
	code, status := codeOf(refused), refused.Response.StatusCode
	switch {
	case strings.Contains("invalid_grant interaction_required consent_required", code) && code != "":
		return "invalid_grant"
	case code == "temporarily_unavailable" || code == "server_error":
		return "transport"
	case code != "" && status != 429 && status < 500:
		return "oauth_error"
	}
	return "http_status"
}
