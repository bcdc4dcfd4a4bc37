package backend

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/execlog"
	"flowtest/runner/internal/tenant/mail"
	"flowtest/runner/internal/tenant/users"
	"flowtest/steps"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// Reaching returns a transport that sends requests only to a live target and to the
// management API of its worker app.
func Reaching(l *target.Live, connections int) http.RoundTripper {
	wider := *l
	wider.Hosts = slices.Clone(l.Hosts)
	if l.Worker != nil {
		for _, address := range []string{l.Worker.API, l.Worker.Token} {
			if u, err := url.Parse(address); err == nil {
				wider.Hosts = append(wider.Hosts, u.Host)
			}
		}
	}
	return LiveTransport(&wider, connections)
}

// directory opens the directory of a live target, and its mailboxes.
func (l *live) directory(ctx context.Context, c Config) error {
	if l.config.Worker != nil {
		client := tenant.NewClient(Reaching(l.config, c.Connections), l.config, l.known)
		l.users = users.New(client, l.config.Population, l.known)
		l.log = execlog.New(client, l.config.ClientID, l.known, 0)
	}
	if c.Offline || !c.Messages {
		return nil
	}
	var err error
	for _, m := range []struct {
		config *target.Mailbox
		box    **mail.Box
	}{{l.config.Mail, &l.mail}, {l.config.SMS, &l.texts}} {
		if m.config == nil || err != nil {
			continue
		}
		l.known.Add(m.config.Password.Reveal())
		*m.box, err = mail.Open(ctx, m.config, mailTransport(l.config, m.config, c.Connections))
	}
	return err
}

// mailTransport returns a transport that sends requests only to Mailpit.
func mailTransport(l *target.Live, m *target.Mailbox, connections int) http.RoundTripper {
	return LiveTransport(&target.Live{Authorize: m.URL, CA: l.CA}, connections)
}

// Close implements [Backend].
func (l *live) Close() error {
	var errs []error
	for _, box := range []*mail.Box{l.mail, l.texts} {
		if box != nil {
			errs = append(errs, box.Close())
		}
	}
	return errors.Join(errs...)
}

// A SetupError says what is missing in the configuration of a target for a request. The
// request was not sent.
type SetupError struct{ reason string }

// Error implements error.
func (e *SetupError) Error() string { return e.reason }

// CleanUsers removes the users that earlier runs left in the environment of a live target:
// see [users.Directory.Clean]. The error is a *[SetupError] if the target does not allow it.
func CleanUsers(ctx context.Context, t *target.Target, before time.Time, dry bool, say func(string)) error {
	l := &liveScenario{live: &live{people: newPeople(Config{Target: t}), config: t.Live}}
	if err := l.directory(ctx, Config{Offline: true}); err != nil {
		return err
	}
	if err := cmp.Or[error](l.worker(), l.homed()); err != nil {
		return err
	}
	if t.Live.ReadOnly && !dry {
		return &SetupError{fmt.Sprintf("the target %q is readOnly, so nothing was sent: --dry-run says what would be "+
			"removed", t.Name)}
	}
	return l.users.Clean(ctx, before, dry, func(line string) { say(l.known.Redact(line)) })
}

// NoUsers returns an error if sentences cannot create users in a target. It sends nothing.
func NoUsers(t *target.Target) error {
	if t.Live == nil {
		return nil
	}
	l := &liveScenario{live: &live{people: newPeople(Config{Target: t}), config: t.Live}}
	return cmp.Or(l.directory(context.Background(), Config{Offline: true}), l.writable())
}

// A liveScenario is the live target of one scenario, with the users that the scenario
// created.
type liveScenario struct {
	*live

	mu   sync.Mutex
	made []*users.User
}

// Tenant implements [Scenario].
func (s *liveScenario) Tenant() steps.Tenant { return s }

// cleaning is the time limit for removing the users of a scenario.
const cleaning = time.Minute

// End implements [Scenario]. It removes the users even if the run was stopped.
func (s *liveScenario) End(ctx context.Context) (notes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	for _, u := range s.made {
		if s.keep {
			notes = append(notes, fmt.Sprintf("the user %q was kept (--keep-users); flowtest users --clean "+
				"--older-than 0s --target %s removes it", u.Username, s.target.Name))
			continue
		}
		if err := s.users.Delete(ctx, u); err != nil {
			notes = append(notes, fmt.Sprintf("the user %q was not removed: %v; flowtest users --clean "+
				"--older-than 0s --target %s tries again", u.Username, err, s.target.Name))
		}
	}
	s.made = nil
	return notes
}

// worker returns an error if the target has no worker app.
func (s *liveScenario) worker() error {
	if s.users == nil {
		return &SetupError{fmt.Sprintf("the target %q has no worker app: add worker with clientId and clientSecret to "+
			"it in flowtest.yaml", s.target.Name)}
	}
	return nil
}

// homed returns an error if the target has no population for new users.
func (s *liveScenario) homed() error {
	if s.config.Population == "" {
		return &SetupError{fmt.Sprintf("the target %q names no population for new users: add population: NAME to it "+
			"in flowtest.yaml", s.target.Name)}
	}
	return nil
}

// writable returns an error if the target is read-only.
func (s *liveScenario) writable() error {
	if s.config.ReadOnly {
		return &SetupError{fmt.Sprintf("the target %q is readOnly, so nothing was sent: sentences that make or change "+
			"users are for other targets", s.target.Name)}
	}
	return cmp.Or[error](s.worker(), s.homed())
}

// NewUser implements [steps.Tenant].
func (s *liveScenario) NewUser(ctx context.Context, attributes map[string]string, device string) (steps.User, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	began := time.Now()
	u, err := s.users.Create(ctx, attributes, device != "")
	if u != nil { // the user may exist despite the error
		s.mu.Lock()
		s.made = append(s.made, u)
		s.mu.Unlock()
	}
	switch {
	case err != nil:
		return nil, err
	case device == users.TOTP:
		attributes[generated.TOTP], err = s.users.AddTOTP(ctx, u, s.codes.Code)
	case device == users.Email:
		err = s.users.AddEmail(ctx, u, attributes["email"], func(ctx context.Context) (string, error) {
			return s.message(ctx, s.mail, "mail", attributes["email"], began, (*mail.Box).Code)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("the %s device: %w", device, err)
	}
	return target.NewUser(attributes), nil
}

// SetUser implements [steps.Tenant].
func (s *liveScenario) SetUser(ctx context.Context, user steps.User, state steps.UserState) error {
	name, _ := user.Lookup("username")
	if state == steps.Expired {
		return s.expired(ctx, name)
	}
	if err := s.writable(); err != nil {
		return err
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.made, func(u *users.User) bool { return u.Username == name })
	var u *users.User
	if i >= 0 {
		u = s.made[i]
	}
	s.mu.Unlock()
	if u == nil {
		return fmt.Errorf("the user %q was not made by this scenario, and flowtest changes no other: write "+
			"\"Given a new user\" before this step", name)
	}
	return s.users.Set(ctx, u, map[steps.UserState]string{
		steps.MustChange: users.MustChange, steps.Disabled: users.Disabled, steps.Locked: users.Locked,
	}[state])
}

// expired returns an error unless the password of a user is expired.
func (s *liveScenario) expired(ctx context.Context, name string) error {
	if err := s.worker(); err != nil {
		return err
	}
	u, err := s.users.Find(ctx, "username", name)
	if err != nil {
		return err
	}
	if !u.Exists() {
		return fmt.Errorf("the environment has no user %q", name)
	}
	state, err := s.users.Password(ctx, u.Get("id").Str)
	if err == nil && state != "PASSWORD_EXPIRED" {
		err = fmt.Errorf("the password of the user %q is %s, want PASSWORD_EXPIRED: PingOne cannot be asked to let a "+
			"password expire, so name a user of the target whose password is (a password policy with a maximum age)",
			name, state)
	}
	return err
}

// found returns a person's user as the environment shows it.
func (s *liveScenario) found(ctx context.Context, p steps.Person) (u gjson.Result, err error) {
	if err := s.worker(); err != nil {
		return u, err
	}
	if p.Username != "" {
		if u, err = s.users.Find(ctx, "username", p.Username); err != nil || u.Exists() || p.User != nil {
			return u, err
		}
	}
	if p.Email != "" {
		return s.users.Find(ctx, "email", p.Email)
	}
	return u, nil
}

// FindUser implements [steps.Tenant].
func (s *liveScenario) FindUser(ctx context.Context, p steps.Person) (string, error) {
	u, err := s.found(ctx, p)
	return u.Raw, err
}

// Devices implements [steps.Tenant].
func (s *liveScenario) Devices(ctx context.Context, p steps.Person) (string, error) {
	u, err := s.found(ctx, p)
	if err != nil || !u.Exists() {
		return "", err
	}
	list, err := s.users.Devices(ctx, u.Get("id").Str)
	raw := make([]string, len(list))
	for i, d := range list {
		raw[i] = d.Raw
	}
	return "[" + strings.Join(raw, ",") + "]", err
}

// message waits for a message, and returns what read finds in it.
func (s *liveScenario) message(ctx context.Context, box *mail.Box, key, to string, since time.Time,
	read func(*mail.Box, context.Context, string, time.Time) (string, error),
) (string, error) {
	if box == nil {
		return "", fmt.Errorf("the target %q does not say where messages arrive: add %s to it in flowtest.yaml",
			s.target.Name, key)
	}
	value, err := read(box, ctx, to, since)
	if value != "" {
		s.known.Add(value)
	}
	return value, err
}

// Code implements [steps.Tenant].
func (s *liveScenario) Code(ctx context.Context, p steps.Person, m steps.Message) (string, error) {
	if m.Text {
		return s.message(ctx, s.texts, "sms", p.Phone, m.Since, (*mail.Box).Code)
	}
	return s.message(ctx, s.mail, "mail", p.Email, m.Since, (*mail.Box).Code)
}

// OpenLink implements [steps.Tenant]. Like the requests of a journey, it goes only to hosts
// of the target. An error shows only the host of the link.
func (s *liveScenario) OpenLink(ctx context.Context, p steps.Person, m steps.Message) error {
	link, err := s.message(ctx, s.mail, "mail", p.Email, m.Since, (*mail.Box).Link)
	if err != nil {
		return err
	}
	const limit, hops = 30 * time.Second, 10
	var redirected error
	client := http.Client{
		Transport: s.throttled, Timeout: limit,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if redirected = s.opens(r.URL); redirected == nil && len(via) > hops {
				redirected = errors.New("it redirects without end")
			}
			return redirected
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, http.NoBody)
	if err != nil {
		return errors.New("the link in the email is not a URL")
	}
	if err := s.opens(req.URL); err != nil {
		return fmt.Errorf("the link in the email was not opened: %w", err)
	}
	resp, err := client.Do(req)
	switch {
	case redirected != nil:
		err = redirected
	case err != nil && ctx.Err() != nil:
		err = context.Cause(ctx)
	case err != nil:
		err = fmt.Errorf("%s had no answer to it%s", words.Cut(req.URL.Host, maxHost), connecting(err))
	case resp.StatusCode >= http.StatusBadRequest:
		err = fmt.Errorf("%s answered with %d, want less than 400", words.Cut(req.URL.Host, maxHost), resp.StatusCode)
	}
	if resp != nil {
		_ = resp.Body.Close() // the page is for a person
	}
	if err != nil {
		return fmt.Errorf("the link in the email could not be opened: %w", err)
	}
	return nil
}

const maxHost = 80 // bytes of a host that are shown

// opens returns an error if the link in a message must not be opened. It adds the parts of
// the link to the redactor.
func (s *liveScenario) opens(u *url.URL) error {
	s.known.Add(u.String())
	for _, text := range []string{u.RequestURI(), u.Path, u.EscapedPath()} {
		if len(text) > secret.Long {
			s.known.Add(text)
		}
	}
	parts := strings.Split(u.Path, "/")
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	for _, part := range parts {
		// Words of the API and the environment id are not secrets.
		if len(part) >= secret.Long && strings.ContainsAny(part, "0123456789") && part != s.config.EnvironmentID {
			s.known.Add(part)
		}
	}
	if s.config.Reach(u) != nil {
		return fmt.Errorf("it leads to %s://%s, which is not a host of the target or not https: list it below "+
			"hosts of the target, if it is one of the environment's", u.Scheme, words.Cut(u.Host, maxHost))
	}
	return nil
}

// connecting says what went wrong with a connection, without any text from a message or an
// answer.
func connecting(err error) string {
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return " in time"
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		return ": " + failed.Error()
	}
	if failed, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return ": " + failed.Error()
	}
	return ""
}
