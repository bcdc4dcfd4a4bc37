package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// mailpit reads messages from Mailpit over its HTTP API.
type mailpit struct {
	base   string
	client http.Client
}

func newMailpit(base string, to http.RoundTripper) *mailpit {
	const limit = 10 * time.Second
	return &mailpit{base: base, client: http.Client{Transport: to, Timeout: limit}}
}

func (m *mailpit) close() error { return nil }

// listed is an entry in Mailpit's list of messages.
type listed struct {
	ID      string
	Created time.Time // when it arrived
	To      []struct{ Address string }
}

// search implements the search of a [Box]. If Mailpit's clock differs from ours, it
// corrects since by the difference.
func (m *mailpit) search(ctx context.Context, to string, since time.Time) (found, error) {
	var page struct {
		Messages []listed `json:"messages"`
		Total    int      `json:"total"`
	}
	query := url.Values{"query": {`to:"` + strings.ReplaceAll(to, `"`, "") + `"`}, "limit": {"50"}}
	ahead, err := m.get(ctx, "/api/v1/search?"+query.Encode(), &page)
	if err != nil {
		return found{}, err
	}
	since = since.Truncate(time.Millisecond) // Mailpit stores times in milliseconds
	out := found{others: page.Total}
	for _, one := range page.Messages { // the newest first
		if !one.addressed(to) {
			continue
		}
		out.others--
		if one.Created.Add(-ahead).Before(since) {
			out.older++
			continue
		}
		var whole struct{ Text, HTML string }
		if _, err := m.get(ctx, "/api/v1/message/"+url.PathEscape(one.ID), &whole); err != nil {
			return out, err
		}
		out.fresh = append(out.fresh, message{at: one.Created, to: []string{to}, text: whole.Text, html: whole.HTML})
	}
	return out, nil
}

func (l *listed) addressed(to string) bool {
	for _, one := range l.To {
		if strings.EqualFold(one.Address, to) {
			return true
		}
	}
	return false
}

// skewed is the smallest difference between two clocks that counts. The header Date has
// whole seconds.
const skewed = 3 * time.Second

// get reads a JSON document, and returns how far Mailpit's clock is ahead.
func (m *mailpit) get(ctx context.Context, path string, into any) (ahead time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.base+path, http.NoBody)
	if err != nil {
		return 0, errors.New("url is not a URL")
	}
	resp, err := m.client.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // the body was read as far as needed
	short, _, _ := strings.Cut(path, "?")
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s was answered with %d, want 200 as Mailpit answers", short, resp.StatusCode)
		if resp.StatusCode < http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests {
			err = &refusal{err}
		}
		return 0, err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxMessage)).Decode(into); err != nil {
		return 0, &refusal{fmt.Errorf("GET %s was not answered as Mailpit does", short)}
	}
	if theirs, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		if ahead = time.Until(theirs); ahead.Abs() < skewed {
			ahead = 0
		}
	}
	return ahead, nil
}
