// Package target reads where a run sends its requests: a flowtest.yaml, and the
// environment variables that override it, become one [Target], which is a replay
// or a live environment with its app and its users. It does not know how a
// request is sent, what a flow is, or which scenarios run.
package target

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"flowtest/steps/secret"
)

// A Target is where a run sends its requests, with nothing left to look up. It
// prints, logs and encodes without any secret. It is the caller's own: no two
// calls of [File.Choose] share a map or a slice.
type Target struct {
	// Name is the key under targets. It is never empty.
	Name string

	// Live is the environment to send to. Nil means a replay: nothing goes out,
	// and nothing turns a replay into a live target later.
	Live *Live

	// Platform is the SDK for which the requests ask: javascript, android or ios.
	// Empty means javascript.
	Platform string

	// Origin is that of the page of the app, for which passkeys are made, for example
	// "https://app.example.com". Empty means https on the host of the relying party.
	Origin string

	// PAR says that a journey starts with a pushed authorization request.
	PAR bool

	// Users are the people who walk through the flows, by the name that a
	// feature file gives them. Never nil; empty for a live target without users.
	Users map[string]User

	// EmailDomain is where ${unique.email} is. Empty means example.com. Optional.
	EmailDomain string

	// Secrets are further values that no recording may hold, and no report: those
	// that flowtest.yaml lists under scrub. Optional.
	Secrets []secret.Value
}

// Format implements [fmt.Formatter], for the reason that [Live.Format] has.
func (t Target) Format(f fmt.State, _ rune) {
	type fields Target
	_, _ = fmt.Fprintf(f, "%+v", fields(t))
}

// LogValue hides what must not be logged; it implements [slog.LogValuer].
func (t Target) LogValue() slog.Value {
	kind := slog.String("type", typeReplay)
	if t.Live != nil {
		kind = slog.Any(typeLive, *t.Live)
	}
	return slog.GroupValue(
		slog.String("name", t.Name), kind, slog.String("platform", t.Platform),
		slog.String("origin", t.Origin), slog.Bool("par", t.PAR),
		slog.Any("users", slices.Sorted(maps.Keys(t.Users))),
	)
}

// Live is a live PingOne environment and the app in it that a run signs on to.
// Only [File.Choose] makes one, and only from a target whose type is live.
type Live struct {
	// Authorize is the authorize endpoint, for example
	// "https://auth.pingone.eu/<environmentId>/as/authorize". It has no query.
	// It is set with Issuer too: it is where the endpoint is by convention.
	Authorize string

	// Issuer is the base that discovery is read from, ".../as". Empty means that
	// discovery is not wanted and Authorize is final.
	Issuer string

	// EnvironmentID is a UUID. It is empty only beside a baseUrl, as a custom
	// domain has no environment id in its path.
	EnvironmentID string

	// ClientID is the id of the app. It is never empty.
	ClientID string

	// ClientSecret is the secret of the app. The zero value means a public app.
	ClientSecret secret.Value

	// ClientAuth says how the app sends its secret: none, basic or post. Empty means basic if
	// there is a secret, and otherwise none.
	ClientAuth string

	// RedirectURI is where the journey ends. Empty means that the run's own
	// default is sent.
	RedirectURI string

	// Scopes is what the app asks for, at least one.
	Scopes []string

	// Hosts are hosts to which requests may go besides that of Authorize and Issuer,
	// each HOST or HOST:PORT. Optional.
	Hosts []string

	// CA holds the private CAs to trust. Nil means those of the system.
	CA *x509.CertPool

	// Flows maps the name of a flow to its flow policy id, which is sent as
	// acr_values. An empty id means the app's own policy: nothing is sent. Never nil.
	Flows map[string]string

	// Worker is the worker app for the management API. Nil means that the target has none.
	Worker *Worker

	// Population is the name of the population in which flowtest makes users. Empty
	// means that it makes none. Optional.
	Population string

	// ReadOnly says that nothing in the environment may be changed. Optional.
	ReadOnly bool

	// Mail is where emails are found, and SMS where text messages are. Nil means nowhere.
	Mail, SMS *Mailbox
}

// Format implements [fmt.Formatter]. Without it, %s of a struct that points to a
// Live would print what ClientSecret is made of: fmt asks nothing how it prints
// below a pointer for which the verb is wrong.
func (l Live) Format(f fmt.State, _ rune) {
	type fields Live
	_, _ = fmt.Fprintf(f, "%+v", fields(l))
}

// LogValue hides what must not be logged; it implements [slog.LogValuer].
func (l Live) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("authorize", l.Authorize),
		slog.String("issuer", l.Issuer),
		slog.String("environmentId", l.EnvironmentID),
		slog.String("clientId", l.ClientID),
		slog.Any("clientSecret", l.ClientSecret),
		slog.String("clientAuth", l.ClientAuth),
		slog.String("redirectUri", l.RedirectURI),
		slog.Any("scopes", l.Scopes),
		slog.Any("hosts", l.Hosts),
		slog.Bool("ca", l.CA != nil),
		slog.Any("flows", l.Flows),
		slog.Bool("worker", l.Worker != nil),
		slog.String("population", l.Population),
		slog.Bool("readOnly", l.ReadOnly),
		slog.Bool("mail", l.Mail != nil),
		slog.Bool("sms", l.SMS != nil),
	)
}

// Reach says why no request of the target may go to u; nil means that one may. What
// leaves this machine goes over https, and only to the host of Authorize or to one of
// Hosts, whatever names another: a discovery document, a link in an answer. The error
// holds no query.
func (l *Live) Reach(u *url.URL) error {
	base, err := url.Parse(l.Authorize)
	if err != nil || base.Host == "" {
		return errors.New("the target has no host, want an absolute URL")
	}
	where := u.Scheme + "://" + u.Host + u.Path
	same := strings.EqualFold(u.Host, base.Host) || strings.EqualFold(withPort(u), withPort(base)) ||
		isLoopback(u) && isLoopback(base)
	named := func(host string) bool { return strings.EqualFold(host, u.Host) || strings.EqualFold(host, withPort(u)) }
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u)):
		return fmt.Errorf("%s is not https, and only %s may be reached without", where, onThisMachine)
	case !same && !slices.ContainsFunc(l.Hosts, named):
		return fmt.Errorf("%s is on another host than %s, want one that the target lists below hosts", where, base.Host)
	}
	return nil
}

// onThisMachine is what may be reached without TLS.
const onThisMachine = "127.0.0.1, localhost and [::1]"

func isLoopback(u *url.URL) bool {
	return slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, strings.ToLower(u.Hostname()))
}

// withPort returns host and port of a URL, the port where it names none too.
func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
