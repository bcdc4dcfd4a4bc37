package mail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"flowtest/runner/internal/target"
)

// mailbox reads the inbox of a mailbox over IMAP. It neither deletes messages nor marks
// them as read.
type mailbox struct{ config *target.Mailbox }

func (m *mailbox) close() error { return nil }

const (
	portTLS, portPlain = "993", "143"
	newest             = 20 // number of messages that are read
)

// search implements the search of a [Box]. It opens a connection for each search. IMAP
// gives the time at which a message arrived in whole seconds.
func (m *mailbox) search(ctx context.Context, to string, since time.Time) (found, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return found{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() {
		stop()
		_ = c.Close() // nothing is written, so an error does not matter
	}()
	if err := c.Login(m.config.Username, m.config.Password.Reveal()).Wait(); err != nil {
		return found{}, refused("the login was refused", err)
	}
	inbox, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return found{}, refused("INBOX cannot be read", err)
	}
	const day = 24 * time.Hour
	hits, err := c.UIDSearch(&imap.SearchCriteria{
		Since:  since.Add(-day), // IMAP compares days, perhaps in another time zone
		Header: []imap.SearchCriteriaHeaderField{{Key: "To", Value: to}},
	}, nil).Wait()
	if err != nil {
		return found{}, refused("the search was refused", err)
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
	got, fresh, err := look(c, ids, to, since.Truncate(time.Second))
	if err == nil && len(fresh) > 0 {
		got.fresh, err = read(c, fresh)
	}
	got.others += out.others
	return got, err
}

// look sorts messages by their envelopes, without their texts. It returns the UIDs of those
// that are new enough, the newest first.
func look(c *imapclient.Client, ids []imap.UID, to string, since time.Time) (found, []imap.UID, error) {
	list, err := c.Fetch(imap.UIDSetNum(ids...), &imap.FetchOptions{
		InternalDate: true, UID: true, Envelope: true,
	}).Collect()
	if err != nil {
		return found{}, nil, refused("the messages cannot be read", err)
	}
	slices.SortFunc(list, func(a, b *imapclient.FetchMessageBuffer) int { return cmp.Compare(b.UID, a.UID) })
	var out found
	var fresh []imap.UID
	for _, one := range list {
		var m message
		if one.Envelope != nil {
			for _, address := range slices.Concat(one.Envelope.To, one.Envelope.Cc) {
				m.to = append(m.to, address.Addr())
			}
		}
		switch {
		case !m.addressed(to):
			out.others++
		case one.InternalDate.Before(since):
			out.older++
		default:
			fresh = append(fresh, one.UID)
		}
	}
	return out, fresh, nil
}

// read reads the beginnings of messages. It leaves out unreadable parts.
func read(c *imapclient.Client, ids []imap.UID) ([]message, error) {
	list, err := c.Fetch(imap.UIDSetNum(ids...), &imap.FetchOptions{
		InternalDate: true, UID: true, BodySection: []*imap.FetchItemBodySection{
			{Peek: true, Partial: &imap.SectionPartial{Size: maxMessage}},
		},
	}).Collect()
	if err != nil {
		return nil, refused("the messages cannot be read", err)
	}
	slices.SortFunc(list, func(a, b *imapclient.FetchMessageBuffer) int { return cmp.Compare(b.UID, a.UID) })
	out := make([]message, 0, len(list))
	for _, one := range list {
		var text []byte
		if len(one.BodySection) > 0 {
			text = one.BodySection[0].Bytes
		}
		m, _ := parse(bytes.NewReader(text), one.InternalDate, nil)
		out = append(out, m)
	}
	return out, nil
}

// refused wraps an error with what failed. If the server answered, another search would
// fail too.
func refused(what string, err error) error {
	said := errors.As(err, new(*imap.Error))
	err = fmt.Errorf("%s: %w", what, err)
	if said {
		return &refusal{err}
	}
	return err
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
