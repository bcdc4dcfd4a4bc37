package cli

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/time/rate"
)

// secure puts TLS over a listener, with a certificate of a CA that is made for
// this run: its key is never written, its certificate lies at the path that is
// returned, where remove takes it away.
func (p *Process) secure(l net.Listener) (over net.Listener, at string, remove func(), err error) {
	return p.secureTo(l, "")
}

// secureTo does so with the CA's certificate in a file that somebody named, which
// stays; "" is one of its own.
func (p *Process) secureTo(l net.Listener, file string) (over net.Listener, at string, remove func(), err error) {
	ca, leaf, err := certify(l.Addr())
	if err != nil {
		return nil, "", nil, usage(errors.Join(fmt.Errorf("serve: certificate: %w", err), l.Close()), "")
	}
	if file == "" {
		at, remove, err = temporaryCA(ca)
	} else {
		at, remove, err = file, func() {}, keepCA(p.path(file), ca)
	}
	if err == nil {
		until := " until it ends"
		if file != "" {
			until = ""
		}
		_, err = fmt.Fprintf(p.Stdout, "the CA lies at %s%s\n", at, until)
	}
	if err != nil {
		return nil, "", nil, usage(errors.Join(fmt.Errorf("serve: %w", err), l.Close()), "")
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
	return tls.NewListener(l, config), at, remove, nil
}

// temporaryCA writes the certificate to a place of its own.
func temporaryCA(ca []byte) (at string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "flowtest-serve-")
	if err != nil {
		return "", nil, err
	}
	at = filepath.Join(dir, "ca.pem")
	// What cannot be removed is a public certificate in the folder for such things.
	return at, func() { _ = os.RemoveAll(dir) }, os.WriteFile(at, ca, 0o600)
}

// keepCA writes the certificate to a file, whole or not at all. What lies there is
// overwritten only where it is such a certificate from before: somebody may have
// named the CA that he wants to be trusted.
func keepCA(file string, ca []byte) error {
	before, err := os.ReadFile(file) //nolint:gosec // the file that the user names
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("--write-ca: %w", err)
	case !isOwnCA(before):
		return fmt.Errorf("--write-ca %s holds something else than a CA of flowtest serve, want another file", file)
	}
	aside, err := os.CreateTemp(filepath.Dir(file), ".flowtest-ca-")
	if err != nil {
		return fmt.Errorf("--write-ca: %w", err)
	}
	_, err = aside.Write(ca)
	if err = errors.Join(err, aside.Close()); err == nil {
		err = os.Rename(aside.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("--write-ca: %w", errors.Join(err, os.Remove(aside.Name())))
	}
	return nil
}

// isOwnCA reports whether a file holds the certificate of an earlier run and nothing else.
func isOwnCA(text []byte) bool {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && c.Subject.CommonName == nameOfCA
}

// nameOfCA is how the CA calls itself.
const nameOfCA = "flowtest serve CA"

// certify makes a CA and, signed by it, a certificate for this machine's own
// names and the address that is listened on.
func certify(at net.Addr) (ca []byte, leaf tls.Certificate, err error) {
	const life = 7 * 24 * time.Hour
	template := func(name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	authority := template(nameOfCA)
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	server := template("localhost")
	server.KeyUsage, server.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames, server.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsUnspecified() {
		server.IPAddresses = append(server.IPAddresses, tcp.IP)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, server, authority, &leafKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return ca, tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}, nil
}

// A plainLog writes what a server logs as lines of talk: what happened, why, and
// behind it where.
type plainLog struct {
	p     *Process
	known []slog.Attr
}

// talkLog returns a logger that writes lines of talk.
func (p *Process) talkLog() *slog.Logger { return slog.New(&plainLog{p: p}) }

// Enabled implements [slog.Handler].
func (*plainLog) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// WithAttrs implements [slog.Handler].
func (h *plainLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &plainLog{h.p, slices.Concat(h.known, attrs)}
}

// WithGroup implements [slog.Handler]: a line has no groups.
func (h *plainLog) WithGroup(string) slog.Handler { return h }

// Handle implements [slog.Handler].
func (h *plainLog) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	var where []string
	note := func(a slog.Attr) bool {
		value := oneLine(a.Value.String())
		switch a.Key {
		case "message", "why", "error":
			text += ": " + value
		default:
			where = append(where, a.Key+" "+value)
		}
		return true
	}
	for _, a := range h.known {
		note(a)
	}
	r.Attrs(note)
	if len(where) > 0 {
		text += " (" + strings.Join(where, ", ") + ")"
	}
	if r.Level >= slog.LevelError {
		text = "error: " + text
	}
	h.p.say(text)
	return nil
}

// oneLine keeps what comes from a client on its line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// How many lines there may be of connections that came to nothing: some at once,
// and then one in a while. A client that tries again and again writes no more.
const (
	brokenAtOnce = 3
	brokenPause  = 10 * time.Second
)

// A brokenLog says of connections that came to nothing why, in the place of what
// the HTTP server logs of them.
type brokenLog struct {
	p *Process

	mu    sync.Mutex
	limit *rate.Limiter
	more  int // that were not said
}

// serverLog returns what an HTTP server may log to.
func (p *Process) serverLog() *log.Logger {
	return log.New(&brokenLog{p: p, limit: rate.NewLimiter(rate.Every(brokenPause), brokenAtOnce)}, "", 0)
}

// Write implements [io.Writer]; b is one entry of the log.
func (l *brokenLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limit.Allow() {
		l.more++
		return len(b), nil
	}
	text := inOwnWords(string(b))
	if l.more > 0 {
		text += fmt.Sprintf(" (%d more since the last such line)", l.more)
	}
	l.more = 0
	l.p.say(text)
	return len(b), nil
}

// inOwnWords says what an entry of an HTTP server's log means for whoever started it.
func inOwnWords(entry string) string {
	entry, _, _ = strings.Cut(strings.TrimSpace(entry), "\n") // of a panic the stack follows
	entry = oneLine(strings.TrimPrefix(entry, "http: "))
	handshake, ok := strings.CutPrefix(entry, "TLS handshake error from ")
	if !ok {
		return "error: " + entry
	}
	from, why, _ := strings.Cut(handshake, ": ")
	why = strings.TrimPrefix(strings.TrimPrefix(why, "remote error: "), "tls: ")
	advice := ""
	switch {
	case strings.Contains(why, "certificate") || strings.Contains(why, "unknown authority"):
		advice = "; it has to trust the CA that was printed at the start"
	case strings.Contains(why, "HTTP request"):
		advice = "; it has to ask by https"
	}
	return fmt.Sprintf("no TLS with the client at %s: %s%s", from, why, advice)
}
