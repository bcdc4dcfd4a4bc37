// Package flow is the client: it drives one journey through a DaVinci flow and returns every
// request with its answer. It does not know features. It has no default transport; the caller
// must set one.
//
// Call [NewJourney] with a [Config], then [Journey.Start], and go on with [Journey.Fill],
// [Journey.Press] and [Journey.Poll].
package flow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/net/http/httpguts"
	"golang.org/x/oauth2"

	"flowtest/steps/davinci"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// The limits of a journey.
const (
	HopTimeout  = 30 * time.Second // how long a hop may take
	MaxResponse = 1 << 20          // how many bytes an answer may have

	// MaxKept is how many bytes of answers a journey keeps, headers included. Beyond that it
	// discards the oldest, because a screen may poll for hours: see [Hop.LetGo].
	MaxKept = 16 << 20
)

// A Config says how journeys start and where their requests go.
type Config struct {
	// Transport carries every request. Required: there is no default, so
	// that forgetting it is an error and never traffic.
	Transport http.RoundTripper

	// Authorize is the URL of the authorize endpoint, with the environment id
	// in its path or, on a custom domain, without. Required.
	Authorize string

	// Pushed is the URL of the endpoint for pushed authorization requests, on the host
	// of Authorize. Empty means that the authorize request carries its parameters
	// itself. Optional.
	Pushed string

	// ClientID is the id of the PingOne application. Required.
	ClientID string

	// ClientSecret is the secret of the application, for the endpoints for pushed requests and
	// tokens. The zero value means that the application has none. Optional.
	ClientSecret secret.Value

	// ClientAuth says how the application sends its secret to the token endpoint: "basic" in
	// an Authorization header, "post" in the form, or "none". Empty means basic if there is a
	// secret, and none otherwise. Optional.
	ClientAuth string

	// Endpoints are the endpoints of the application, see [Journey.Tokens]. Optional.
	Endpoints Endpoints

	// RedirectURI is sent unless it is empty. Optional.
	RedirectURI string

	// Scopes are the requested scopes. Empty means openid. Optional.
	Scopes []string

	// Policy is the flow policy id, sent as acr_values. Empty means that the
	// application's own policy decides. Optional.
	Policy string

	// Parameters replace authorize parameters of the same names or add to them; an empty value
	// removes one. Optional.
	Parameters map[string]string

	// Platform is the SDK that the client acts as, one of [davinci.Platforms], sent as
	// X-Requested-Platform. Empty means [davinci.JavaScript]. Optional.
	Platform string

	// Origin is the origin of the app's page, such as https://app.example.com, for
	// which passkeys are made. Empty means https on the host of the relying party.
	// Optional.
	Origin string

	// Headers replace headers of the same names in every request or add to them; an empty value
	// removes one. Optional.
	Headers map[string]string

	// Detailed asks for detailed responses instead of JSON. Optional.
	Detailed bool

	// Jar holds the cookies of the browser. Nil means a new jar. Optional.
	Jar http.CookieJar

	// Before is the number of hops in earlier journeys. It is added to the numbers of the hops.
	// Optional.
	Before int

	// Redactor gets every secret that the journey sends or receives. Nil means a new one.
	// Optional.
	Redactor *secret.Redactor

	// LettingGo is called before the journey discards an answer, so that the caller can still
	// read it. Optional.
	LettingGo func()
}

// CheckPlatform returns an error if there is no platform of that name.
func CheckPlatform(name string) error {
	all := davinci.Platforms()
	if slices.Contains(all, name) {
		return nil
	}
	return fmt.Errorf("%q is not a platform, want %s%s", name, words.Or(all), words.DidYouMean("; ", name, all))
}

// CheckHeader returns an error if a feature cannot set a header: it is not a valid HTTP header,
// or the client sets it itself. The error does not contain the value.
func CheckHeader(name, value string) error {
	own := []string{
		"Connection", "Content-Length", "Content-Type", "Cookie", "Host", "Interactionid", "Interactiontoken",
		"Transfer-Encoding", "X-Requested-With",
	}
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%q is not a name of a header", name)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the header %s has a value with a line break or another control character", name)
	case slices.Contains(own, http.CanonicalHeaderKey(name)):
		return fmt.Errorf("the header %s is set by the client itself", name)
	}
	return nil
}

// endpoint checks the configuration and returns the authorize URL.
func (c *Config) endpoint() (*url.URL, error) {
	if c.Transport == nil {
		return nil, errors.New("flow: no transport: a journey has no default one")
	}
	if c.ClientID == "" {
		return nil, errors.New("flow: no client id")
	}
	u, err := url.Parse(c.Authorize)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("flow: authorize endpoint is not an absolute URL without query")
	}
	if !strings.HasSuffix(u.Path, "/authorize") {
		return nil, fmt.Errorf("flow: authorize endpoint ends in %q, want …/authorize", u.Path)
	}
	return u, nil
}

// A Journey is one run through a flow, from authorize to its end. It must not be used
// by several goroutines at once.
type Journey struct {
	config    Config
	client    *http.Client
	authorize *url.URL
	verifier  string // of PKCE

	hops   []*Hop
	kept   int // bytes of the answers that were not discarded
	oldest int // the index of the first of them
	screen *davinci.Screen
	filled map[string]string // raw JSON by key: what was filled in on this screen
	unsent []Unsent          // what no request has carried
	handle handle
}

// NewJourney returns a journey that has not started. The error says what is missing in
// the configuration.
func NewJourney(c Config) (*Journey, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	if c.Jar == nil {
		if c.Jar, err = cookiejar.New(nil); err != nil {
			return nil, err
		}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"openid"}
	}
	if c.Redactor == nil {
		c.Redactor = &secret.Redactor{}
	}
	return &Journey{
		config:    c,
		authorize: endpoint,
		client: &http.Client{
			Transport: c.Transport,
			Jar:       c.Jar,
			// A redirect is an answer to look at: the flow is not where it
			// should be, and the credentials stay here.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		filled: map[string]string{},
	}, nil
}

// Start asks the authorize endpoint to start the flow and returns the first hop. If its
// parameters were pushed, the exchange of the hop still has them, because they are the
// parameters of the flow.
//
// A status of 400 or more is a hop, not an error: a scenario may expect it. The error is a
// *[NetworkError] if no complete response arrived. Otherwise it says why the journey cannot
// continue.
//
// Source: "Step 1: Initiate the flow through a PingOne authorize request".
func (j *Journey) Start(ctx context.Context) (*Hop, error) {
	// State, nonce and verifier are random strings of the same strength.
	j.verifier = oauth2.GenerateVerifier()
	j.config.Redactor.Add(j.verifier)
	parameters := j.config.parameters(oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), j.verifier)
	target := *j.authorize
	target.RawQuery = parameters.Encode()
	h := &Hop{Exchange: &davinci.Exchange{Method: http.MethodGet, URL: &target}}
	if j.config.Pushed == "" || parameters.Has("request_uri") {
		return j.send(ctx, h, carried{})
	}
	short, err := j.push(ctx, parameters)
	if err != nil {
		return nil, err
	}
	return j.send(ctx, h, carried{instead: short})
}

// push sends the parameters of the authorize request beforehand and returns the URL of the
// request that takes their place. It is not a hop: it leaves the flow where it is.
//
// Source: RFC 9126, and how the Android SDK starts a flow with par.
func (j *Journey) push(ctx context.Context, parameters url.Values) (*url.URL, error) {
	to, err := url.Parse(j.config.Pushed)
	if err != nil || to.Scheme != j.authorize.Scheme || !davinci.SameHost(to, j.authorize) || to.User != nil {
		return nil, fmt.Errorf("flow: the endpoint for pushed authorization requests is not an absolute URL of "+
			"%s://%s, and credentials go nowhere else", j.authorize.Scheme, j.authorize.Host)
	}
	x := &davinci.Exchange{Method: http.MethodPost, URL: to, Body: j.config.authenticated(parameters)}
	if err := j.exchange(ctx, x, carried{form: true}, to.Path); err != nil {
		return nil, err
	}
	uri := gjson.GetBytes(x.Response, "request_uri").Str
	if x.Status != http.StatusCreated || uri == "" {
		said := gjson.GetBytes(x.Response, "error_description").Str
		if said == "" {
			said = gjson.GetBytes(x.Response, "message").Str
		}
		if said != "" {
			said = ": " + j.config.Redactor.Redact(strings.TrimSpace(said))
		}
		err := fmt.Errorf("the pushed authorization request is answered with status %d%s, want 201 and a request_uri",
			x.Status, said)
		return nil, &NetworkError{x.Method, to.Path, err}
	}
	j.config.Redactor.Add(uri)
	target := *j.authorize
	target.RawQuery = url.Values{
		"response_mode": {parameters.Get("response_mode")}, "client_id": {j.config.ClientID}, "request_uri": {uri},
	}.Encode()
	return &target, nil
}

// parameters returns the query of the authorize request.
func (c *Config) parameters(state, nonce, verifier string) url.Values {
	q := url.Values{
		"response_mode":         {"pi.flow"},
		"response_type":         {"code"},
		"client_id":             {c.ClientID},
		"scope":                 {strings.Join(c.Scopes, " ")},
		"state":                 {state},
		"nonce":                 {nonce},
		"code_challenge":        {oauth2.S256ChallengeFromVerifier(verifier)},
		"code_challenge_method": {"S256"},
	}
	if c.RedirectURI != "" {
		q.Set("redirect_uri", c.RedirectURI)
	}
	if c.Policy != "" {
		q.Set("acr_values", c.Policy)
	}
	for name, value := range c.Parameters {
		if value == "" {
			q.Del(name)
		} else {
			q.Set(name, value)
		}
	}
	return q
}

// Tokens exchanges the code with which the flow completed for tokens, and checks the ID token:
// its signature, iss, aud, exp, nonce and, where it has one, at_hash. The requests are not hops.
//
// The error says that the flow has not completed, or what is wrong with the ID token. It is a
// *[RefusedError] if the service refuses, and a *[NetworkError] if it cannot be reached or is
// down.
func (j *Journey) Tokens(ctx context.Context) (*Tokens, error) { return exchangeCode(ctx, j) }

// SignOff ends the session of the browser and, if t is not nil, that of the ID token. The
// request is not a hop. Its error is that of [Journey.Tokens].
//
// Source: OpenID Connect RP-Initiated Logout 1.0.
func (j *Journey) SignOff(ctx context.Context, t *Tokens) error { return signOff(ctx, j, t) }

// Hops returns the hops so far, in their order. The slice is the journey's.
func (j *Journey) Hops() []*Hop { return j.hops }

// Last returns the last hop, or nil before the start.
func (j *Journey) Last() *Hop {
	if len(j.hops) == 0 {
		return nil
	}
	return j.hops[len(j.hops)-1]
}

// Screen returns the screen at which the flow waits, or nil if it does not wait at one. A
// refused or rewound hop does not change it.
func (j *Journey) Screen() *davinci.Screen { return j.screen }
