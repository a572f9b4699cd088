// golang.org/x/oauth2 at a vendor: the login's address out, the callback in, a call and a refresh after it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	config := oauth2.Config{ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"),
		RedirectURL: os.Getenv("CALLBACK"), Scopes: strings.Fields(os.Getenv("SCOPE")),
		Endpoint: oauth2.Endpoint{AuthURL: os.Getenv("AUTHORIZATION"), TokenURL: os.Getenv("TOKEN")}}
	offline, more, lines := map[string]string{}, []oauth2.AuthCodeOption{}, bufio.NewScanner(os.Stdin)
	_ = json.Unmarshal([]byte(os.Getenv("OFFLINE")), &offline)
	for name, value := range offline {
		more = append(more, oauth2.SetAuthURLParam(name, value))
	}
	fmt.Println(config.AuthCodeURL("s", more...))
	lines.Scan()
	code := must(url.Parse(lines.Text())).Query().Get("code")
	first := must(config.Exchange(context.Background(), code))
	answer := must(config.Client(context.Background(), first).Get(os.Getenv("RESOURCE")))
	user := must(io.ReadAll(answer.Body))
	next := must(config.TokenSource(context.Background(), &oauth2.Token{RefreshToken: first.RefreshToken}).Token())
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"user": string(user), "renewed": next.AccessToken != first.AccessToken})
}
