package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/runner/internal/har"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// only keeps of a request's handles what one sort of client sends: "" keeps all.
type only struct {
	http.RoundTripper
	what string
}

func (o only) RoundTrip(r *http.Request) (*http.Response, error) {
	switch o.what {
	case "cookies":
		r.Header.Del("interactionId")
		r.Header.Del("interactionToken")
	case "headers":
		r.Header.Del("Cookie")
	}
	return o.RoundTripper.RoundTrip(r)
}

// A noting transport keeps the exchanges of an app that has no proxy.
type noting struct {
	http.RoundTripper
	exchanges davinci.Exchanges
}

func (n *noting) RoundTrip(r *http.Request) (*http.Response, error) {
	x := davinci.Exchange{Began: time.Now(), Method: r.Method, URL: r.URL, Header: r.Header.Clone()}
	if r.Body != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if x.Body, err = io.ReadAll(body); err != nil {
			return nil, err
		}
	}
	p, err := n.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(p.Body)
	p.Body = io.NopCloser(bytes.NewReader(text))
	x.Status, x.ResponseHeader, x.Response = p.StatusCode, p.Header.Clone(), text
	n.exchanges = append(n.exchanges, x)
	return p, err
}

// signOn goes through the shipped flow "sign-on" and returns the last hop.
func signOn(t *testing.T, transport http.RoundTripper, site string, detailed bool) *flow.Hop {
	t.Helper()
	return signOnWith(t, flow.Config{
		Transport: transport, Authorize: site + "/as/authorize", ClientID: "app", Policy: "sign-on",
		RedirectURI: "https://app.example.com/callback", Detailed: detailed,
	}).Last()
}

// signOnWith signs on with a wrong password, and then with the right one.
func signOnWith(t *testing.T, c flow.Config) *flow.Journey {
	t.Helper()
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	ctx := t.Context()
	_, err = j.Start(ctx)
	require.NoError(t, err)
	require.NotNil(t, j.Screen(), "%s", j.Last().Body)
	require.NoError(t, j.Fill("username", alice["username"]))
	require.NoError(t, j.Fill("password", "wrong"))
	_, err = j.Press(ctx, "SIGNON")
	require.NoError(t, err)
	require.NoError(t, j.Fill("password", alice["password"]))
	_, err = j.Press(ctx, "SIGNON")
	require.NoError(t, err)
	return j
}

// shape is of a journey what does not change from run to run.
func shape(journey davinci.Exchanges) []string {
	var out []string
	for _, x := range journey {
		names := []string{}
		for _, c := range (&http.Response{Header: x.ResponseHeader}).Cookies() {
			c.Value, c.Expires = "", time.Time{}
			names = append(names, c.String())
		}
		keys := []string{}
		gjson.ParseBytes(x.Response).ForEach(func(key, value gjson.Result) bool {
			keys = append(keys, key.String()+":"+value.Type.String())
			return true
		})
		sent := []string{x.Header.Get("X-Requested-With"), x.Header.Get("Content-Type"), gjson.GetBytes(x.Body, "parameters").Raw}
		out = append(out, fmt.Sprint(x.Method, " ", x.URL.Path, " ", x.URL.Query().Get("response_mode"), sent, x.Status,
			x.ResponseHeader.Get("Content-Type"), names, keys, gjson.GetBytes(x.Response, "_links").Raw))
	}
	return out
}

// A journey through the proxy passes on what one without a proxy exchanges.
func TestJourneys(t *testing.T) {
	t.Parallel()
	for _, detailed := range []bool{false, true} {
		for _, domain := range []string{"/" + mockserver.DefaultEnvironment, ""} {
			for _, what := range []string{"", "cookies", "headers"} {
				t.Run(fmt.Sprintf("detailed %v, environment %q, with only %q", detailed, domain, what), func(t *testing.T) {
					t.Parallel()
					s := before(t, shipped(t))
					last := signOn(t, only{s.front.Client().Transport, what}, s.front.URL+domain, detailed)
					require.Equal(t, davinci.Completed, last.Outcome, "%s", last.Body)

					straight := &noting{RoundTripper: s.live.Client().Transport}
					signOn(t, only{straight, what}, s.live.URL+domain, detailed)

					got := har.Group(s.exchanges())
					require.Len(t, got.Journeys, 1)
					require.Empty(t, got.Problems)
					assert.Equal(t, shape(straight.exchanges), shape(got.Journeys[0]))
					assert.Len(t, got.Journeys[0], 3)
					for _, x := range s.exchanges() {
						assert.True(t, strings.HasPrefix(x.URL.String(), s.live.URL+domain), x.URL)
						assert.NotContains(t, all(&x), strings.TrimPrefix(s.front.URL, "http://"))
					}
				})
			}
		}
	}
}

// A document that a client discovers the endpoints with leads to the proxy, and
// names the issuer that the tokens have.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	s := before(t, shipped(t))
	at := "/" + mockserver.DefaultEnvironment + "/as"
	got := gjson.Parse(s.send(t, "GET", at+"/.well-known/openid-configuration", nil, "").text)
	assert.Equal(t, s.live.URL+at, got.Get("issuer").String())
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"} {
		assert.True(t, strings.HasPrefix(got.Get(name).String(), s.front.URL+at+"/"), "%s is %s", name, got.Get(name))
	}
	assert.Empty(t, s.exchanges(), "it belongs to no flow")
}

// Fifty people sign on at once, and their exchanges can be distinguished.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const people = 50
	s := before(t, shipped(t))
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			what := []string{"", "cookies", "headers"}[i%3]
			last := signOn(t, only{s.front.Client().Transport, what}, s.front.URL, i%2 == 0)
			assert.Equal(t, davinci.Completed, last.Outcome)
		})
	}
	wait.Wait()
	got := har.Group(s.exchanges())
	assert.Empty(t, got.Problems)
	require.Len(t, got.Journeys, people)
	for _, journey := range got.Journeys {
		assert.Len(t, journey, 3)
		assert.Equal(t, "COMPLETED", gjson.GetBytes(journey[len(journey)-1].Response, "status").String())
	}
}
