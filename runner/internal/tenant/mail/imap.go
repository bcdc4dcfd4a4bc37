package mail

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"flowtest/runner/target"
)

// mailbox reads the inbox of a mailbox over IMAP. Messages stay there, unread.
type mailbox struct{ config *target.Mailbox }

func (m *mailbox) close() error { return nil }

const (
	portTLS, portPlain = "993", "143"
	newest             = 20 // messages that are looked at
)

// search implements the search of a [Box], with a connection of its own. The time at which
// a message arrived has whole seconds there.
func (m *mailbox) search(ctx context.Context, to string, since time.Time) (found, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return found{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() {
		stop()
		_ = c.Close() // nothing was changed
	}()
	if err := c.Login(m.config.Username, m.config.Password.Reveal()).Wait(); err != nil {
		return found{}, fmt.Errorf("the login was refused: %w", err)
	}
	inbox, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return found{}, fmt.Errorf("INBOX cannot be read: %w", err)
	}
	const day = 24 * time.Hour
	hits, err := c.UIDSearch(&imap.SearchCriteria{
		Since:  since.Add(-day), // it knows days, of another time zone maybe
		Header: []imap.SearchCriteriaHeaderField{{Key: "To", Value: to}},
	}, nil).Wait()
	if err != nil {
		return found{}, fmt.Errorf("the search was refused: %w", err)
	}
	ids := hits.AllUIDs()
	slices.Sort(ids)
	if len(ids) > newest {
		ids = ids[len(ids)-newest:]
	}
	out := found{others: max(0, int(inbox.NumMessages)-len(ids))}
	if len(ids) == 0 {
		return out, nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	list, err := c.Fetch(imap.UIDSetNum(ids...), &imap.FetchOptions{
		InternalDate: true, UID: true, BodySection: []*imap.FetchItemBodySection{section},
	}).Collect()
	if err != nil {
		return found{}, fmt.Errorf("the messages cannot be read: %w", err)
	}
	var all []message
	for _, one := range list {
		read, err := parse(bytes.NewReader(one.FindBodySection(section)), one.InternalDate, nil)
		if err != nil {
			return found{}, err
		}
		all = append(all, read)
	}
	got := sorted(all, to, since.Truncate(time.Second))
	got.others += out.others
	return got, nil
}

func (m *mailbox) dial(ctx context.Context) (*imapclient.Client, error) {
	u, err := url.Parse(m.config.URL)
	if err != nil {
		return nil, err
	}
	over := u.Scheme == "imaps"
	port := u.Port()
	switch {
	case port != "":
	case over:
		port = portTLS
	default:
		port = portPlain
	}
	const limit = 10 * time.Second
	options := &imapclient.Options{Dialer: &net.Dialer{Timeout: limit}}
	if deadline, ok := ctx.Deadline(); ok {
		options.Dialer.Deadline = deadline
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if over {
		return imapclient.DialTLS(address, options)
	}
	return imapclient.DialInsecure(address, options)
}
