package mail_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/mail"
	"flowtest/steps/secret"
)

const (
	ada    = "ada@example.com"
	letter = "From: PingOne <noreply@pingone.example>\r\nTo: Ada <ada@example.com>\r\nSubject: Your code\r\n"
	plain  = letter + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	html   = letter + "Content-Type: text/html; charset=utf-8\r\n\r\n"
)

// sink returns an SMTP server of flowtest, and what sends to it.
func sink(t *testing.T, change func(*target.Mailbox)) (*mail.Box, func(message string, to ...string)) {
	t.Helper()
	c := &target.Mailbox{Type: target.MailSMTP, Listen: "127.0.0.1:0", Wait: time.Minute}
	if change != nil {
		change(c)
	}
	box, err := mail.Open(t.Context(), c, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, box.Close()) })
	return box, func(message string, to ...string) {
		require.NoError(t, smtp.SendMail(box.Address(), nil, "noreply@pingone.example", to, []byte(message)))
	}
}

// briefly bounds a wait that is for nothing.
func briefly(c *target.Mailbox) { c.Wait = time.Nanosecond }

func TestTheCodeInAnEmail(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		message, pattern, want, wrong string
	}{
		"the only group of digits": {message: plain + "Your code is 482913.\r\nIt holds for 30 minutes, until 12:05.", want: "482913"},
		"in HTML alone": {
			message: html + "<html><head><style>p{width:4000}</style></head><body><p>Code</p><p><b>482913</b></p></body></html>",
			want:    "482913",
		},
		"the same twice":   {message: plain + "482913 is your code: 482913", want: "482913"},
		"by a pattern":     {message: plain + "Order 1234. Your code is 482913", pattern: `code is (\d+)`, want: "482913"},
		"by all of it":     {message: plain + "Order 1234. ab-482913", pattern: `ab-\d+`, want: "ab-482913"},
		"two groups":       {message: plain + "Order 1234, code 482913", wrong: "it has 2 groups of 4 to 8 digits, want one: set a pattern below code of the target"},
		"none":             {message: plain + "Order 1, code 12", wrong: "it has 0 groups of 4 to 8 digits"},
		"no match":         {message: plain + "Your code is 482913", pattern: "pin (.*)", wrong: "the pattern below code of the target matches nothing in it"},
		"in several parts": {message: letter + multipart, want: "482913"},
		"quoted-printable": {message: letter + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nF=FCr dich: 4829=\r\n13", want: "482913"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, send := sink(t, func(c *target.Mailbox) {
				if row.pattern != "" {
					c.Code = regexp.MustCompile(row.pattern)
				}
				if row.wrong != "" {
					briefly(c)
				}
			})
			since := time.Now()
			send(row.message, ada)
			code, err := box.Code(t.Context(), ada, since)
			if row.wrong != "" {
				require.ErrorContains(t, err, row.wrong)
				assert.NotContains(t, err.Error(), "482913")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, row.want, code)
		})
	}
}

const multipart = "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nYour code: 482913\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p>Your code: <b>482913</b> 20260101</p>\r\n--b--\r\n"

func TestTheLinkInAnEmail(t *testing.T) {
	t.Parallel()
	box, send := sink(t, nil)
	since := time.Now()
	send(html+`<p>Go <a href="https://auth.example.com/x?a=1&amp;b=2">there</a> or <a href="mailto:a@b">write</a>.</p>`, ada)
	found, err := box.Link(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "https://auth.example.com/x?a=1&b=2", found)

	box, send = sink(t, briefly)
	send(plain+"https://a.example/1. And https://a.example/2", ada)
	_, err = box.Link(t.Context(), ada, since)
	require.ErrorContains(t, err, "1 message to ada@example.com since "+since.Format(time.TimeOnly)+
		", and no link in it: it has 2 links, want one: set a pattern below link of the target (flowtest's SMTP server at "+box.Address()+"; waited 1ns)")
	assert.NotContains(t, err.Error(), "a.example")
}

// Only a message to that address which is newer than the request counts, and the newest of
// them.
func TestOnlyANewMessageToThatAddressCounts(t *testing.T) {
	t.Parallel()
	box, send := sink(t, briefly)
	send(plain+"1111", ada)
	send(strings.ReplaceAll(plain, "ada@", "ben@")+"2222", "ben@example.com")
	since := time.Now()
	_, err := box.Code(t.Context(), ada, since)
	require.EqualError(t, err, "no message to ada@example.com since "+since.Format(time.TimeOnly)+", when flowtest sent the request "+
		"that causes it: flowtest's SMTP server at "+box.Address()+" has 1 older message to this address and 1 to "+
		"others (waited 1ns; wait of the target sets how long)")
	send(plain+"3333", ada)
	send(plain+"4444", "ADA@example.com")
	send(strings.ReplaceAll(plain, "ada@", "ben@")+"5555", "ben@example.com")
	code, err := box.Code(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "4444", code)
}

// A message that comes while a step waits is found, and the end of the scenario ends the wait.
func TestAWaitGoesOnUntilTheMessageComes(t *testing.T) {
	t.Parallel()
	box, send := sink(t, nil)
	since := time.Now()
	code := make(chan string)
	go func() {
		found, _ := box.Code(t.Context(), ada, since) // an empty code fails the test
		code <- found
	}()
	send(plain+"6666", ada)
	assert.Equal(t, "6666", <-code)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the scenario's time limit is over"))
	_, err := box.Code(ctx, "ben@example.com", since)
	require.EqualError(t, err, "waiting for the code: the scenario's time limit is over")
}

func TestTextMessages(t *testing.T) {
	t.Parallel()
	box, err := mail.Open(t.Context(), &target.Mailbox{Type: target.MailSMS, Listen: "127.0.0.1:0", Wait: time.Minute}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, box.Close()) })
	since := time.Now()
	post := func(kind, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+box.Address()+"/sms", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", kind)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusBadRequest, post("application/json", `{"to": "+1 555"}`))
	assert.Equal(t, http.StatusOK, post("application/json", `{"to": "+1.5125550199", "text": "Your code is 135791"}`))
	code, err := box.Code(t.Context(), "+1 512 555 01 99", since)
	require.NoError(t, err)
	assert.Equal(t, "135791", code)
	assert.Equal(t, http.StatusOK, post("application/x-www-form-urlencoded", "to=%2B15125550100&message=Your+code+is+246802"))
	code, err = box.Code(t.Context(), "+15125550100", since)
	require.NoError(t, err)
	assert.Equal(t, "246802", code)
}

// inbox serves a mailbox over IMAP on this machine.
func inbox(t *testing.T) (user *imapmemserver.User, address string) {
	t.Helper()
	user = imapmemserver.NewUser("flowtest", "mailbox-secret-1")
	require.NoError(t, user.Create("INBOX", nil))
	server := imapmemserver.New()
	server.AddUser(user)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return server.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true,
	})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return user, l.Addr().String()
}

// literal is a message for a mailbox.
type literal struct{ *strings.Reader }

// Size implements [imap.LiteralReader].
func (l literal) Size() int64 { return l.Reader.Size() }

func TestAMailbox(t *testing.T) {
	t.Parallel()
	user, address := inbox(t)
	c := &target.Mailbox{
		Type: target.MailIMAP, URL: "imap://" + address, Username: "flowtest", Password: secret.New("mailbox-secret-1"),
		Wait: time.Nanosecond,
	}
	box, err := mail.Open(t.Context(), c, nil)
	require.NoError(t, err)
	now := time.Now()
	put := func(at time.Time, message string) {
		_, err := user.Append("INBOX", literal{strings.NewReader(message)}, &imap.AppendOptions{Time: at})
		require.NoError(t, err)
	}
	put(now.Add(-time.Minute), plain+"1111")
	put(now.Add(-time.Minute), letter+"Content-Type: text/plain; charset=x-unknown\r\nContent-Transfer-Encoding: x-none\r\n\r\n1111")
	put(now.Add(-time.Minute), strings.ReplaceAll(plain, "text/plain", "multipart/mixed; boundary=none")+"1111")
	put(now, strings.ReplaceAll(plain, "ada@", "ben@")+"2222")
	_, err = box.Code(t.Context(), ada, now)
	// A search that takes longer than the wait says nothing of what it found.
	require.ErrorContains(t, err, "the mailbox at imap://"+address+" did not answer within 1ns")
	c.Wait = time.Minute
	put(now.Add(time.Second), strings.ReplaceAll(plain, "text/plain", "multipart/mixed; boundary=none")+"2222")
	put(now.Add(time.Second), plain+"3333")
	code, err := box.Code(t.Context(), ada, now)
	require.NoError(t, err)
	assert.Equal(t, "3333", code)
	put(now.Add(time.Second), letter+"Content-Type: text/plain; charset=x-unknown\r\n\r\nYour code is 4444")
	code, err = box.Code(t.Context(), ada, now)
	require.NoError(t, err)
	assert.Equal(t, "4444", code)
	c.Password = secret.New("another-secret-1")
	_, err = box.Code(t.Context(), ada, now)
	require.ErrorContains(t, err, "the mailbox at imap://"+address+": the login was refused")
	assert.NotContains(t, err.Error(), "another-secret-1")
}

// A clock that is another one than ours does not decide what is new.
func TestMailpitWithAnotherClock(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	since := time.Now()
	theirs := since.Add(-hour)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
		switch r.URL.Path {
		case "/mail/api/v1/search":
			assert.Equal(t, `to:"ada@example.com"`, r.URL.Query().Get("query"))
			_, _ = fmt.Fprintf(w, `{"total": 9, "messages": [
				{"ID": "new", "Created": %q, "To": [{"Address": "Ada@example.com"}]},
				{"ID": "other", "Created": %[1]q, "To": [{"Address": "xada@example.com"}]},
				{"ID": "old", "Created": %q, "To": [{"Address": "ada@example.com"}]}]}`,
				theirs.Add(time.Minute).Format(time.RFC3339Nano), theirs.Add(-time.Minute).Format(time.RFC3339Nano))
		case "/mail/api/v1/message/new":
			_, _ = fmt.Fprint(w, `{"Text": "Your code is 777111"}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	box, err := mail.Open(t.Context(), &target.Mailbox{Type: target.MailMailpit, URL: s.URL + "/mail", Wait: time.Minute},
		http.DefaultTransport)
	require.NoError(t, err)
	code, err := box.Code(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "777111", code)
	box, err = mail.Open(t.Context(), &target.Mailbox{Type: target.MailMailpit, URL: s.URL, Wait: time.Minute},
		http.DefaultTransport)
	require.NoError(t, err)
	_, err = box.Code(t.Context(), ada, since)
	require.EqualError(t, err, "Mailpit at "+s.URL+": GET /api/v1/search was answered with 404, want 200 as Mailpit answers")
}

// Mailpit keeps milliseconds: a message that arrives within the one of the request is new.
func TestMailpitWithinAMillisecond(t *testing.T) {
	t.Parallel()
	since := time.Now().Truncate(time.Millisecond).Add(900 * time.Microsecond)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/message/new") {
			_, _ = fmt.Fprint(w, `{"Text": "Your code is 777111"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"total": 1, "messages": [{"ID": "new", "Created": %q, "To": [{"Address": "ada@example.com"}]}]}`,
			since.Truncate(time.Millisecond).Format(time.RFC3339Nano))
	}))
	t.Cleanup(s.Close)
	box, err := mail.Open(t.Context(), &target.Mailbox{Type: target.MailMailpit, URL: s.URL, Wait: 10 * time.Second},
		http.DefaultTransport)
	require.NoError(t, err)
	code, err := box.Code(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "777111", code)
}

// A service in front of Mailpit that fails for a moment does not end the wait; one that hangs
// is named.
func TestMailpitInTrouble(t *testing.T) {
	t.Parallel()
	answers := make(chan int, 1)
	var hangs atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case hangs.Load():
			<-r.Context().Done()
		case len(answers) > 0:
			w.WriteHeader(<-answers)
		case strings.HasSuffix(r.URL.Path, "/search"):
			_, _ = fmt.Fprintf(w, `{"messages": [{"ID": "1", "Created": %q, "To": [{"Address": "ada@example.com"}]}]}`,
				time.Now().Add(time.Minute).Format(time.RFC3339))
		default:
			_, _ = fmt.Fprint(w, `{"Text": "Your code is 777111"}`)
		}
	}))
	t.Cleanup(s.Close)
	c := &target.Mailbox{Type: target.MailMailpit, URL: s.URL, Wait: time.Minute}
	box, err := mail.Open(t.Context(), c, http.DefaultTransport)
	require.NoError(t, err)
	answers <- http.StatusBadGateway
	code, err := box.Code(t.Context(), ada, time.Now())
	require.NoError(t, err)
	assert.Equal(t, "777111", code)
	answers <- http.StatusUnauthorized
	_, err = box.Code(t.Context(), ada, time.Now())
	require.EqualError(t, err, "Mailpit at "+s.URL+": GET /api/v1/search was answered with 401, want 200 as Mailpit answers")

	hangs.Store(true)
	c.Wait = 50 * time.Millisecond
	_, err = box.Code(t.Context(), ada, time.Now())
	require.EqualError(t, err, "Mailpit at "+s.URL+" did not answer within 50ms: check that it is running, or set wait of the target")
	c.URL = "http://" + free(t)
	c.Wait = 500 * time.Millisecond
	box, err = mail.Open(t.Context(), c, http.DefaultTransport)
	require.NoError(t, err)
	_, err = box.Code(t.Context(), ada, time.Now())
	require.ErrorContains(t, err, "connection refused (waited 500ms)")
}

// What is closed at once leaves nothing open.
func TestAClosedServerIsGone(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{target.MailSMTP, target.MailSMS} {
		box, err := mail.Open(t.Context(), &target.Mailbox{Type: kind, Listen: "127.0.0.1:0"}, nil)
		require.NoError(t, err)
		require.NoError(t, box.Close())
		_, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", box.Address())
		require.Error(t, err, kind)
	}
}

func TestAnAddressInUse(t *testing.T) {
	t.Parallel()
	box, _ := sink(t, nil)
	_, err := mail.Open(t.Context(), &target.Mailbox{Type: target.MailSMTP, Listen: box.Address()}, nil)
	require.ErrorContains(t, err, "smtp of the target: cannot listen on "+box.Address())
}
