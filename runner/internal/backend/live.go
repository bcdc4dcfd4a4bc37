package backend

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"flowtest/mockserver"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/execlog"
	"flowtest/runner/internal/tenant/mail"
	"flowtest/runner/internal/tenant/users"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
)

// live sends requests to an environment that is configured as live.
type live struct {
	people

	config    *target.Live
	transport http.RoundTripper
	codes     generated.Ledger
	throttled http.RoundTripper // the transport of journeys
	authorize string
	pushed    string // the endpoint for pushed authorization requests, "" if the target does not use them
	endpoints flow.Endpoints

	users       *users.Directory // nil if there is no worker app
	log         *execlog.Reader  // nil if there is no worker app
	mail, texts *mail.Box        // nil if not configured
	keep        bool             // whether to keep the users of scenarios
}

// LiveTransport returns a transport that sends requests only to a live target: see
// [target.Live.Reach].
func LiveTransport(t *target.Live, connections int) http.RoundTripper {
	return held{t, &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{RootCAs: t.CA, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost:   connections,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: flow.HopTimeout,
		ForceAttemptHTTP2:     true,
	}}
}

// held is a transport that refuses requests that the rules of a target do not allow.
type held struct {
	target *target.Live
	http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (h held) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := h.target.Reach(r.URL); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as every transport does
		}
		return nil, err
	}
	return h.RoundTripper.RoundTrip(r)
}

func newLive(ctx context.Context, c Config) (*live, error) {
	l := &live{people: newPeople(c), config: c.Target.Live, authorize: c.Target.Live.Authorize, keep: c.KeepUsers}
	l.known.Add(l.config.ClientSecret.Reveal())
	l.transport = LiveTransport(l.config, c.Connections)
	l.throttled = newThrottle(advice{l}, c.Rate)
	if c.Target.PAR {
		l.pushed = strings.TrimSuffix(l.authorize, "/authorize") + "/par"
	}
	if l.config.Issuer != "" && !c.Offline {
		if err := l.discover(ctx); err != nil {
			return nil, fmt.Errorf("discovery of target %q: %w", c.Target.Name, err)
		}
	}
	if err := l.directory(ctx, c); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// discover reads the endpoints from the discovery document of the issuer. It follows no
// redirect, because another host cannot speak for the issuer.
func (l *live) discover(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, flow.HopTimeout)
	defer cancel()
	client := &http.Client{
		Transport: bounded{advice{l}},
		CheckRedirect: func(to *http.Request, _ []*http.Request) error {
			return fmt.Errorf("redirected to %s://%s%s, want the discovery document of the issuer itself",
				to.URL.Scheme, to.URL.Host, to.URL.Path)
		},
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), l.config.Issuer)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return err
	}
	l.authorize, l.endpoints.Issuer = provider.Endpoint().AuthURL, l.config.Issuer
	return l.reach(provider)
}

// parEndpoint is the property of a discovery document with the endpoint for pushed
// authorization requests.
const parEndpoint = "pushed_authorization_request_endpoint"

// reach checks the endpoints in a discovery document against the rules of the target,
// before anything is sent there.
func (l *live) reach(provider *oidc.Provider) error {
	e := &l.endpoints
	names := []string{"authorization_endpoint", parEndpoint}
	used := map[string]*string{
		"token_endpoint": &e.Token, "jwks_uri": &e.Keys, "userinfo_endpoint": &e.UserInfo,
		"introspection_endpoint": &e.Introspect, "revocation_endpoint": &e.Revoke, "end_session_endpoint": &e.SignOff,
	}
	names = append(names, slices.Sorted(maps.Keys(used))...)
	var document map[string]any
	if err := provider.Claims(&document); err != nil {
		return err
	}
	for _, name := range names {
		text, _ := document[name].(string)
		if text == "" && name != names[0] {
			continue
		}
		u, err := url.Parse(text)
		if err != nil {
			return fmt.Errorf("the %s of the discovery document is not a URL", name)
		}
		if err := l.config.Reach(u); err != nil {
			return fmt.Errorf("the %s of the discovery document is not used: %w", name, err)
		}
		if used[name] != nil {
			*used[name] = text
		} else if name == parEndpoint && l.pushed != "" {
			l.pushed = text
		}
	}
	return nil
}

// bounded is a transport that limits the size of an answer as package flow does.
type bounded struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &boundedBody{resp.Body, flow.MaxResponse}
	}
	return resp, err
}

type boundedBody struct {
	io.ReadCloser

	left int
}

// Read implements [io.Reader].
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return n, fmt.Errorf("the answer has more than %d MiB, too much for a discovery document", flow.MaxResponse>>20)
	}
	return n, err
}

// Scenario implements [Backend].
func (l *live) Scenario() Scenario { return &liveScenario{live: l} }

// Flows implements [Backend].
func (l *live) Flows() []string { return slices.Sorted(maps.Keys(l.config.Flows)) }

// Flow implements [steps.Target].
func (l *live) Flow(name string) (flow.Config, error) {
	policy, ok := l.config.Flows[name]
	if !ok {
		return flow.Config{}, fmt.Errorf("the target %q has no flow %q, it has %s: add it below flows in flowtest.yaml",
			l.target.Name, name, names(l.config.Flows))
	}
	return flow.Config{
		Transport:   l.throttled,
		Authorize:   l.authorize,
		ClientID:    l.config.ClientID,
		RedirectURI: l.config.RedirectURI,
		Scopes:      l.config.Scopes,
		Platform:    l.target.Platform,
		Origin:      l.target.Origin,
		Pushed:      l.pushed,
		Policy:      policy,

		ClientSecret: l.config.ClientSecret,
		ClientAuth:   l.config.ClientAuth,
		Endpoints:    l.endpoints,
	}, nil
}

// Passcode implements [Scenario]. The code is that of a time step that no scenario of
// the run used before.
func (l *live) Passcode(ctx context.Context, key *generated.Key) (string, error) {
	return l.codes.Code(ctx, key)
}

// Begin implements [Scenario]. A live environment gets no faults.
func (l *live) Begin(string, int, mockserver.Faults) {}

// Missed implements [Scenario]. A live environment answers every request.
func (l *live) Missed() error { return nil }

// Injected implements [Scenario].
func (l *live) Injected() *mockserver.Injected { return &mockserver.Injected{} }
