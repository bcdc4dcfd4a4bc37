// Package mail finds the messages that a flow sends to a person, and the code or the link
// in them. It looks in Mailpit, in a mailbox, or at a server that it opens. It does not
// know flows, and its errors quote nothing from a message.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/runner/internal/target"
	"flowtest/steps/words"
)

// pause is the time between two searches.
const pause = 500 * time.Millisecond

// A message is an email or a text message that arrived.
type message struct {
	at         time.Time
	to         []string
	text, html string
}

// found is the result of a search.
type found struct {
	fresh  []message // to the address and new enough, the newest first
	older  int       // to the address, but too old
	others int       // to other addresses, -1 if unknown
}

// A Box is the place where the messages of a run arrive. It may be used by several
// goroutines at once.
type Box struct {
	config *target.Mailbox
	where  string // its name in errors
	from   interface {
		search(ctx context.Context, to string, since time.Time) (found, error)
		close() error
	}
}

// Open opens a mailbox. For the types smtp and sms it starts a server, which receives
// messages until [Box.Close]. Requests to Mailpit are sent through the transport.
func Open(ctx context.Context, c *target.Mailbox, to http.RoundTripper) (*Box, error) {
	b := &Box{config: c}
	var err error
	switch c.Type {
	case target.MailMailpit:
		b.where, b.from = "Mailpit at "+c.URL, newMailpit(c.URL, to)
	case target.MailIMAP:
		b.where, b.from = "the mailbox at "+c.URL, &mailbox{config: c}
	case target.MailSMTP:
		var s *smtpSink
		if s, err = openSMTP(ctx, c.Listen); err == nil {
			b.from, b.where = s, "flowtest's SMTP server at "+s.address()
		}
	case target.MailSMS:
		var s *textSink
		if s, err = openTexts(ctx, c.Listen); err == nil {
			b.from, b.where = s, "flowtest's server for text messages at "+s.address()
		}
	default:
		err = fmt.Errorf("%q is not a type of mailbox", c.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%s of the target: %w", c.Type, err)
	}
	return b, nil
}

// Address returns the HOST:PORT of a mailbox that is a server, and "" for others.
func (b *Box) Address() string {
	if s, ok := b.from.(interface{ address() string }); ok {
		return s.address()
	}
	return ""
}

// Close stops the server of a mailbox that is one. For others it does nothing.
func (b *Box) Close() error { return b.from.close() }

// Code waits for a message, to an email address or a phone number, that arrived at
// since or later, and returns the code in it.
func (b *Box) Code(ctx context.Context, to string, since time.Time) (string, error) {
	return b.await(ctx, to, since, "code", func(m *message) (string, error) { return codeIn(m, b.config.Code) })
}

// Link waits in the same way, and returns the link in the message.
func (b *Box) Link(ctx context.Context, to string, since time.Time) (string, error) {
	return b.await(ctx, to, since, "link", func(m *message) (string, error) { return linkIn(m, b.config.Link) })
}

// await searches until read finds something in a message. If a message has nothing to
// find, the next one may.
func (b *Box) await(ctx context.Context, to string, since time.Time, what string,
	read func(*message) (string, error),
) (string, error) {
	limit, cancel := context.WithTimeoutCause(ctx, b.config.Wait, errOver)
	defer cancel()
	var last *found
	var problem, failed error
	for {
		now, err := b.from.search(limit, to, since)
		switch {
		case err == nil:
			last, problem, failed = &now, nil, nil
		case limit.Err() != nil:
		case errors.As(err, new(*refusal)):
			return "", fmt.Errorf("%s: %w", b.where, err)
		default: // the next search may succeed
			failed = err
		}
		for i := range now.fresh {
			value, err := read(&now.fresh[i])
			if err == nil {
				return value, nil
			}
			problem = errors.Join(problem, err)
		}
		select {
		case <-limit.Done():
			switch cause := context.Cause(limit); {
			case !errors.Is(cause, errOver):
				return "", fmt.Errorf("waiting for the %s: %w", what, cause)
			case failed != nil:
				return "", fmt.Errorf("%s: %w (waited %s)", b.where, failed, b.config.Wait)
			case last == nil:
				return "", fmt.Errorf("%s did not answer within %s: check that it is running, or set wait of "+
					"the target", b.where, b.config.Wait)
			}
			return "", b.over(to, since, what, last, problem)
		case <-time.After(pause):
		}
	}
}

var errOver = errors.New("the wait is over")

// A refusal is an error that another search would return too.
type refusal struct{ error }

// Unwrap returns the error.
func (r *refusal) Unwrap() error { return r.error }

// over returns the error at the end of the wait. It says which messages there were
// instead.
func (b *Box) over(to string, since time.Time, what string, last *found, problem error) error {
	if len(last.fresh) > 0 {
		there := words.Count(len(last.fresh), "message")
		return fmt.Errorf("%s to %s since %s, and no %s in %s: %w (%s; waited %s)", there, to,
			since.Format(time.TimeOnly), what, plural(len(last.fresh)), problem, b.where, b.config.Wait)
	}
	there := words.Count(last.older, "older message") + " to this address"
	if last.others >= 0 {
		there += " and " + strconv.Itoa(last.others) + " to others"
	}
	return fmt.Errorf("no message to %s since %s, when flowtest sent the request that causes it: %s has %s "+
		"(waited %s; wait of the target sets how long)", to, since.Format(time.TimeOnly), b.where, there, b.config.Wait)
}

func plural(n int) string {
	if n == 1 {
		return "it"
	}
	return "any of them"
}

// sorted separates the messages to an address that are new enough from the others.
func sorted(all []message, to string, since time.Time) found {
	var out found
	for _, m := range slices.Backward(all) {
		switch {
		case !m.addressed(to):
			out.others++
		case m.at.Before(since):
			out.older++
		default:
			out.fresh = append(out.fresh, m)
		}
	}
	return out
}

// addressed reports whether a message is to an email address or a phone number. Of a phone
// number only the digits are compared.
func (m *message) addressed(to string) bool {
	for _, one := range m.to {
		if strings.EqualFold(one, to) || !strings.Contains(to, "@") && digitsOf(one) == digitsOf(to) {
			return true
		}
	}
	return false
}

func digitsOf(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
