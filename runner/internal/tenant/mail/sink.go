package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// most is how many messages a server keeps: the latest.
const most = 1000

// kept are the messages that a server received.
type kept struct {
	mu  sync.Mutex
	all []message
}

func (k *kept) add(m message) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) == most {
		k.all = append([]message(nil), k.all[1:]...)
	}
	k.all = append(k.all, m)
}

// search implements the search of a [Box].
func (k *kept) search(_ context.Context, to string, since time.Time) (found, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return sorted(k.all, to, since), nil
}

// listen opens a port.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return l, nil
}

// smtpSink is an SMTP server. It accepts any message from anyone and forwards none.
type smtpSink struct {
	kept

	server *smtp.Server
	at     net.Listener
}

func openSMTP(ctx context.Context, address string) (*smtpSink, error) {
	l, err := listen(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &smtpSink{at: l}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{to: &s.kept}, nil
	}))
	const limit, recipients = 30 * time.Second, 50
	s.server.Domain, s.server.AllowInsecureAuth, s.server.ErrorLog = "flowtest", true, log.New(io.Discard, "", 0)
	s.server.MaxMessageBytes, s.server.MaxRecipients = maxMessage, recipients
	s.server.ReadTimeout, s.server.WriteTimeout = limit, limit
	go func() { _ = s.server.Serve(l) }() // it returns after close
	return s, nil
}

func (s *smtpSink) address() string { return s.at.Addr().String() }

func (s *smtpSink) close() error { return closed(s.server, s.at) }

// session is a connection to the SMTP server.
type session struct {
	to         *kept
	recipients []string
}

// AuthMechanisms implements [smtp.AuthSession].
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements [smtp.AuthSession]. It accepts any credentials.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(string, string, string) error { return nil }), nil
}

// Mail implements [smtp.Session].
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements [smtp.Session].
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.recipients = append(s.recipients, to)
	return nil
}

// Data implements [smtp.Session].
func (s *session) Data(r io.Reader) error {
	m, err := parse(r, time.Now(), s.recipients)
	if err != nil {
		return err
	}
	s.to.add(m)
	return nil
}

// Reset implements [smtp.Session].
func (s *session) Reset() { s.recipients = nil }

// Logout implements [smtp.Session].
func (s *session) Logout() error { return nil }

// textSink is an HTTP server to which PingOne can post text messages, if it is set up
// as a custom provider. A message is JSON or a form with to and text.
type textSink struct {
	kept

	server *http.Server
	at     net.Listener
}

func openTexts(ctx context.Context, address string) (*textSink, error) {
	l, err := listen(ctx, address)
	if err != nil {
		return nil, err
	}
	const limit = 30 * time.Second
	s := &textSink{at: l}
	s.server = &http.Server{Handler: s, ReadTimeout: limit, WriteTimeout: limit, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.server.Serve(l) }() // it returns after close
	return s, nil
}

func (s *textSink) address() string { return s.at.Addr().String() }

func (s *textSink) close() error { return closed(s.server, s.at) }

// closed closes a server and its port. A server that does not serve yet would leave the
// port open.
func closed(server, port io.Closer) error {
	for _, c := range []io.Closer{server, port} {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
	}
	return nil
}

// ServeHTTP implements [http.Handler].
func (s *textSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	fields := map[string]string{}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case err != nil || r.Method != http.MethodPost:
	case kind == "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(body))
		for name := range form {
			fields[name] = form.Get(name)
		}
	default:
		object := map[string]any{}
		_ = json.Unmarshal(body, &object) // missing values are checked below
		for name, value := range object {
			fields[name], _ = value.(string)
		}
	}
	m := message{at: time.Now(), to: []string{fields["to"]}, text: fields["text"]}
	if m.text == "" {
		m.text = fields["message"]
	}
	if m.text == "" || fields["to"] == "" {
		http.Error(w, `want a POST of {"to": "NUMBER", "text": "MESSAGE"}`, http.StatusBadRequest)
		return
	}
	s.add(m)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}
