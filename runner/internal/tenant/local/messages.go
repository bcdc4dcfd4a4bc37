package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A letter is an email that the tenant keeps.
type letter struct {
	id, to, subject, text, html string
	at                          time.Time
}

// box keeps emails, and answers the part of Mailpit's API that searches and reads them.
// The zero value is an empty box.
type box struct {
	mu    sync.Mutex
	all   []letter
	links []string // the ids of the links that were sent
}

// mostLetters is how many emails, and how many links, are kept: the latest.
const mostLetters = 500

func (b *box) add(l letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = kept(b.all, l)
}

// link creates the id of a link that can be opened.
func (b *box) link() string {
	id := newID()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.links = kept(b.links, id)
	return id
}

func kept[T any](list []T, one T) []T {
	if len(list) == mostLetters {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, one)
}

var addressed = regexp.MustCompile(`^to:"([^"]*)"$`)

// ServeHTTP implements [http.Handler]. Paths and names are those of Mailpit's API.
func (b *box) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, MailPath)
	id, one := strings.CutPrefix(path, "/api/v1/message/")
	switch {
	case path == "/api/v1/search" || path == "/api/v1/messages":
		to := ""
		if m := addressed.FindStringSubmatch(r.URL.Query().Get("query")); m != nil {
			to = m[1]
		}
		list := []any{}
		for i := len(b.all) - 1; i >= 0; i-- {
			if l := &b.all[i]; to == "" || strings.EqualFold(l.to, to) {
				list = append(list, l.shown())
			}
		}
		answer(w, map[string]any{"total": len(b.all), "messages_count": len(list), "messages": list})
	case one:
		for i := range b.all {
			if l := &b.all[i]; l.id == id {
				shown := l.shown()
				shown["Text"], shown["HTML"], shown["Date"] = l.text, l.html, l.at
				answer(w, shown)
				return
			}
		}
		http.NotFound(w, r)
	case strings.HasPrefix(path, openedPath) && slices.Contains(b.links, path[len(openedPath):]):
		_, _ = fmt.Fprintln(w, "Thank you. You can close this page.")
	default:
		http.NotFound(w, r)
	}
}

func (l *letter) shown() map[string]any {
	return map[string]any{
		"ID": l.id, "Created": l.at, "Subject": l.subject,
		"From": map[string]any{"Name": "PingOne", "Address": sender},
		"To":   []any{map[string]any{"Name": "", "Address": l.to}},
	}
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(text) // an error means that the client has gone
}

// openedPath is the path of links below [MailPath], followed by the id.
const openedPath = "/opened/"

const sender = "noreply@pingone.example"

// sending is the time limit for sending a message. The answer to the request waits that
// long.
const sending = 5 * time.Second

// email sends an email, or keeps it.
func (t *Tenant) email(to, subject, text, html string) {
	if t.config.SMTP == "" {
		t.box.add(letter{newID(), to, subject, text, html, time.Now()})
		return
	}
	const boundary = "flowtest-part"
	message := strings.Join([]string{
		"From: PingOne <" + sender + ">", "To: <" + to + ">", "Subject: " + subject,
		"Date: " + time.Now().Format(time.RFC1123Z), "Message-ID: <" + newID() + "@pingone.example>",
		"MIME-Version: 1.0",
		"Content-Type: multipart/alternative; boundary=" + boundary, "",
		"--" + boundary, "Content-Type: text/plain; charset=utf-8", "", text,
		"--" + boundary, "Content-Type: text/html; charset=utf-8", "", html, "--" + boundary + "--", "",
	}, "\r\n")
	if err := deliver(t.config.SMTP, to, message); err != nil {
		t.say("an email could not be sent: " + err.Error())
	}
}

// deliver sends a message to the SMTP server at address.
func deliver(address, to, message string) error {
	conn, err := (&net.Dialer{Timeout: sending}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // Quit already reported whether the message was accepted
	if err := conn.SetDeadline(time.Now().Add(sending)); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(address)
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	for _, say := range []func() error{func() error { return c.Mail(sender) }, func() error { return c.Rcpt(to) }} {
		if err := say(); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// text posts a text message, as PingOne does if a customer has set up a provider.
func (t *Tenant) text(to, text string) {
	if t.config.SMS == "" || to == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sending)
	defer cancel()
	var req *http.Request
	body, err := json.Marshal(map[string]string{"to": to, "text": text})
	if err == nil {
		req, err = http.NewRequestWithContext(ctx, http.MethodPost, t.config.SMS, bytes.NewReader(body))
	}
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		var resp *http.Response
		if resp, err = (&http.Client{Transport: t.config.To}).Do(req); err == nil {
			_ = resp.Body.Close() // only the status matters
			if resp.StatusCode >= http.StatusBadRequest {
				err = fmt.Errorf("it was answered with %d", resp.StatusCode)
			}
		}
	}
	if err != nil {
		t.say("a text message could not be sent: " + err.Error())
	}
}

func (t *Tenant) say(line string) {
	if t.config.Say != nil {
		t.config.Say(line)
	}
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
