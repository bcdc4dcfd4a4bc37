package flow_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestNewJourneyRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*flow.Config)
		want   string
	}{
		"no transport":      {func(c *flow.Config) { c.Transport = nil }, "flow: no transport: a journey has no default one"},
		"no client id":      {func(c *flow.Config) { c.ClientID = "" }, "flow: no client id"},
		"a relative URL":    {func(c *flow.Config) { c.Authorize = "/as/authorize" }, "flow: authorize endpoint is not an absolute URL without query"},
		"a URL with query":  {func(c *flow.Config) { c.Authorize = endpoint + "?a=b" }, "flow: authorize endpoint is not an absolute URL without query"},
		"another end point": {func(c *flow.Config) { c.Authorize = "https://x.test/as/token" }, `flow: authorize endpoint ends in "/as/token", want …/authorize`},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(answering())
			row.change(&c)
			_, err := flow.NewJourney(c)
			assert.EqualError(t, err, row.want)
		})
	}
}

func TestWhatTheScreenDoesNotHave(t *testing.T) {
	radio := `{"type":"RADIO","key":"color","options":[{"label":"Red","value":"r"},{"label":"Blue","value":"b"}]}`
	again := `{"type":"FLOW_BUTTON","key":"AGAIN","label":"Same"},{"type":"FLOW_LINK","key":"OTHER","label":"Same"}`
	label := `{"type":"LABEL","key":"text","content":"Hello"}`
	for name, row := range map[string]struct {
		fields []string
		act    func(*flow.Journey) error
		want   string
	}{
		"a button": {
			[]string{username, signOn, register},
			func(j *flow.Journey) error { _, err := j.Press(t.Context(), "LOGIN"); return err },
			`flow: press "LOGIN": the screen "Sign On Form" has no such button, it has SIGNON ("Sign On"), REGISTER ("No account?")`,
		},
		"a button at all": {
			[]string{username},
			func(j *flow.Journey) error { _, err := j.Press(t.Context(), "LOGIN"); return err },
			`flow: press "LOGIN": the screen "Sign On Form" has no such button, it has none`,
		},
		"a field is not a button": {
			[]string{username, signOn},
			func(j *flow.Journey) error { _, err := j.Press(t.Context(), "username"); return err },
			`flow: press "username": the screen "Sign On Form" has no such button, it has SIGNON ("Sign On")`,
		},
		"a label that is unique": {
			[]string{again},
			func(j *flow.Journey) error { _, err := j.Press(t.Context(), "Same"); return err },
			`flow: press "Same": the screen "Sign On Form" has several buttons with this label, press one by its key: AGAIN, OTHER`,
		},
		"a field": {
			[]string{username, password, signOn},
			func(j *flow.Journey) error { return j.Fill("email", "x") },
			`flow: fill in "email": the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password")`,
		},
		"a text takes no value": {
			[]string{label, username},
			func(j *flow.Journey) error { return j.Fill("text", "x") },
			`flow: fill in "text": the screen "Sign On Form" has no such field, it has username ("Username")`,
		},
		"an option": {
			[]string{radio},
			func(j *flow.Journey) error { return j.Fill("color", "green") },
			`flow: fill in "color": the RADIO has no such option, it has "r" ("Red"), "b" ("Blue")`,
		},
		"one submit button": {
			[]string{signOn, `{"type":"SUBMIT_BUTTON","key":"OTHER"}`},
			func(j *flow.Journey) error { _, err := j.Submit(t.Context()); return err },
			`flow: submit the form: the screen "Sign On Form" has several submit buttons, press one by its key: SIGNON, OTHER`,
		},
		"a poll": {
			[]string{signOn},
			func(j *flow.Journey) error { _, err := j.Poll(t.Context()); return err },
			`flow: poll: the screen "Sign On Form" does not poll`,
		},
		"a boolean": {
			[]string{`{"type":"SINGLE_CHECKBOX","key":"terms"}`},
			func(j *flow.Journey) error { return j.Fill("terms", "yes") },
			`flow: fill in "terms": the SINGLE_CHECKBOX takes true or false`,
		},
		"an object": {
			[]string{`{"type":"PHONE_NUMBER","key":"phone"}`},
			func(j *flow.Journey) error { return j.Fill("phone", "123") },
			`flow: fill in "phone": the PHONE_NUMBER takes a number as in +41 79 123 45 67, or a JSON object with countryCode ` +
				`and phoneNumber; the field has no country of its own, so that one is needed`,
		},
		"an array": {
			[]string{`{"type":"CHECKBOX","key":"tags"}`},
			func(j *flow.Journey) error { return j.Fill("tags", "[1") },
			`flow: fill in "tags": the CHECKBOX takes a JSON array of strings, or values with commas between them`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := started(t, answering(says(200, form(row.fields...))))
			require.EqualError(t, row.act(j), row.want)
			assert.Len(t, j.Hops(), 1, "nothing was sent")
		})
	}
}

func TestNoScreen(t *testing.T) {
	j, err := flow.NewJourney(config(answering(says(400, `{"code":"x","message":"no","interactionId":"i"}`))))
	require.NoError(t, err)
	require.EqualError(t, j.Fill("a", "b"), `flow: fill in "a": the flow waits at no screen: it has not been started`)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	_, err = j.Press(t.Context(), "A")
	require.EqualError(t, err,
		`flow: press "A": the flow waits at no screen: hop 1 refused at the start with status 400: no`)

	j = started(t, answering(says(200, done)))
	_, err = j.Submit(t.Context())
	require.EqualError(t, err, `flow: submit the form: the flow waits at no screen: hop 1 completed`)
	_, err = j.Poll(t.Context())
	require.EqualError(t, err, `flow: poll: the flow waits at no screen: hop 1 completed`)
}

func TestForeignLinks(t *testing.T) {
	link := "https://auth.example.test/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate?next=true"
	for name, row := range map[string]struct{ href, want string }{
		"another host": {
			"https://evil.example.test/take?token=1",
			"flow: next link https://evil.example.test/take: the next link leads away from https://auth.example.test, " +
				"and credentials go nowhere else",
		},
		"another port": {
			"https://auth.example.test:8443/x",
			"flow: next link https://auth.example.test:8443/x: the next link leads away from https://auth.example.test, " +
				"and credentials go nowhere else",
		},
		"plain HTTP": {
			"http://auth.example.test/x",
			"flow: next link http://auth.example.test/x: the next link leads away from https://auth.example.test, " +
				"and credentials go nowhere else",
		},
		"a relative link": {"/x", "flow: next link /x: the next link has no host, want an absolute URL"},
		"no URL":          {"https://[bad", "flow: the next link is not a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(200, strings.Replace(form(signOn), link, row.href, 1)))
			j, err := flow.NewJourney(config(s))
			require.NoError(t, err)
			_, err = j.Start(t.Context())
			require.EqualError(t, err, row.want)
			assert.Len(t, j.Hops(), 1, "the hop is kept to be looked at")
			assert.Len(t, s.requests, 1)
		})
	}
}

// body is a response body that ends in an error.
type body struct {
	io.Reader

	err error
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error { return nil }

// raw answers with these bytes, read as net/http reads them.
func raw(text string) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), r)
		if err != nil {
			err = fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", err)
		}
		return resp, err
	}
}

func TestNetworkErrors(t *testing.T) {
	sends := func(r io.Reader, err error) httpmock.Responder {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: &body{r, err}}, nil
		}
	}
	for name, row := range map[string]struct {
		answer httpmock.Responder
		want   string
	}{
		"a response of 5 MiB": {
			sends(bytes.NewReader(make([]byte, 5<<20)), io.EOF),
			"flow: GET /env-1/as/authorize: the response has more than 1 MiB, which no DaVinci answer has",
		},
		"a response cut off half way": {
			sends(strings.NewReader(`{"id":`), io.ErrUnexpectedEOF),
			"flow: GET /env-1/as/authorize: the response was cut off after 6 bytes: unexpected EOF",
		},
		"an invalid header": {
			raw("HTTP/1.1 200 OK\r\nSet-Cookie: ST=brandNew\x01; Path=/\r\n\r\n"),
			"flow: GET /env-1/as/authorize: the response is not HTTP: malformed MIME header line",
		},
		"a header without a colon": {
			raw("HTTP/1.1 200 OK\r\nSet-Cookie ST=brandNew\r\n\r\n"),
			"flow: GET /env-1/as/authorize: the response is not HTTP: malformed MIME header: missing colon",
		},
		"an invalid status line": {
			raw("ST=brandNew\r\n\r\n"),
			"flow: GET /env-1/as/authorize: the response is not HTTP: malformed HTTP response",
		},
		"a refused connection": {
			httpmock.NewErrorResponder(errors.New("dial tcp 127.0.0.1:1: connect: connection refused")),
			"flow: GET /env-1/as/authorize: dial tcp 127.0.0.1:1: connect: connection refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := flow.NewJourney(config(answering(row.answer)))
			require.NoError(t, err)
			_, err = j.Start(t.Context())
			require.EqualError(t, err, row.want)
		})
	}
}

func TestAServerThatNeverAnswers(t *testing.T) {
	never := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	t.Run("ends at the hop's limit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			j, err := flow.NewJourney(config(answering(never)))
			require.NoError(t, err)
			begin := time.Now()
			_, err = j.Start(t.Context())
			require.EqualError(t, err, "flow: GET /env-1/as/authorize: no answer within 30s")
			assert.Equal(t, flow.HopTimeout, time.Since(begin))
		})
	})
	t.Run("ends at the scenario's limit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			j, err := flow.NewJourney(config(answering(never)))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = j.Start(ctx)
			require.EqualError(t, err, "flow: GET /env-1/as/authorize: no answer within the scenario's time limit")
		})
	})
}

func TestRateLimit(t *testing.T) {
	limited := func(after string) httpmock.Responder {
		r := httpmock.NewStringResponse(429, `{"code":"REQUEST_LIMITED"}`)
		r.Header.Set("Retry-After", after)
		return httpmock.ResponderFromResponse(r)
	}
	t.Run("comes back when it was asked to", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := answering(limited("7"), limited("3"), says(200, form(signOn)))
			begin := time.Now()
			j := started(t, s)
			assert.Equal(t, 10*time.Second, time.Since(begin))
			assert.Equal(t, "paused", j.Last().Outcome.String())
			assert.Equal(t, 2, j.Last().Retries)
			assert.Len(t, j.Hops(), 1)
		})
	})
	t.Run("comes back at a date", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			at := time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
			begin := time.Now()
			j := started(t, answering(limited(at), says(200, form(signOn))))
			assert.InDelta(t, 20, time.Since(begin).Seconds(), 1)
			assert.Equal(t, "paused", j.Last().Outcome.String())
		})
	})
	t.Run("gives up where the scenario has not that long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			j, err := flow.NewJourney(config(answering(limited("60"))))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			h, err := j.Start(ctx)
			require.NoError(t, err)
			assert.Equal(t, davinci.FromRateLimit, h.Failure.Origin)
			assert.Equal(t, "the service asks to come back later in 1m0s, and the scenario has 10s left", h.Failure.Message)
		})
	})
}
