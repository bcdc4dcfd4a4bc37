// Package flow is the thin client: it drives one journey through a DaVinci flow
// and says of every hop what came of it. It knows neither features nor where
// its requests end: it is handed a transport, and there is no default one.
package flow

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"flowtest/steps/secret"
)

// The bounds of a hop where a Config has none.
const (
	DefaultHopTimeout = 30 * time.Second
	MaxResponse       = 1 << 20
)

// A Config says how journeys start and where their requests go.
type Config struct {
	// Transport carries every request. Required: there is no default, so
	// that forgetting it is an error and never traffic.
	Transport http.RoundTripper

	// Authorize is the URL of the authorize endpoint, with the environment id
	// in its path or, on a custom domain, without. Required.
	Authorize string

	// ClientID is the id of the PingOne application. Required.
	ClientID string

	// RedirectURI is sent where it is not empty. Optional.
	RedirectURI string

	// Scopes are asked for. Empty means openid. Optional.
	Scopes []string

	// Policy is the flow policy id, sent as acr_values. Empty means that the
	// application's own policy decides. Optional.
	Policy string

	// Parameters are put over the authorize parameters; one whose value is
	// empty is taken away. Optional.
	Parameters map[string]string

	// Detailed asks for detailed responses instead of JSON. Optional.
	Detailed bool

	// HopTimeout bounds each request. Zero means [DefaultHopTimeout]. Optional.
	HopTimeout time.Duration

	// Redactor is told every secret that the journey sends or receives.
	// Nil means that the journey keeps one of its own. Optional.
	Redactor *secret.Redactor
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

// withDefaults fills in what was left open.
func (c Config) withDefaults() Config {
	if c.HopTimeout == 0 {
		c.HopTimeout = DefaultHopTimeout
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"openid"}
	}
	if c.Redactor == nil {
		c.Redactor = &secret.Redactor{}
	}
	return c
}
