package backend

import (
	"bufio"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// Hint implements [Scenario]. If the first request of a journey is answered with 404, the
// target's address is wrong and not the flow, and the hint shows the address. If the set-up of
// the environment is wrong, the hint names the command that checks it.
func (l *live) Hint(h *flow.Hop) string {
	if h == nil || h.Action != "" || !strings.HasSuffix(h.Exchange.URL.Path, "/authorize") {
		return ""
	}
	doctor := "flowtest doctor --target " + l.target.Name + " checks the set-up of the environment"
	if h.Status != http.StatusNotFound {
		if h.Failure != nil && h.Failure.Origin == davinci.FromTenant {
			return doctor
		}
		return ""
	}
	u := h.Exchange.URL
	return fmt.Sprintf("nothing is there: %s %s://%s%s was answered with 404; look at %s of the target %q in "+
		"flowtest.yaml, and at the environment variables that override it; %s",
		h.Exchange.Method, u.Scheme, u.Host, u.Path, l.addressed(), l.target.Name, doctor)
}

// addressed returns the names of the settings that make up the address of the authorize
// endpoint.
func (l *live) addressed() string {
	switch {
	case l.authorize != l.config.Authorize:
		return "what discovery says below baseUrl or region"
	case l.config.Region() != "":
		return "region (or baseUrl) and environmentId"
	default:
		return "baseUrl"
	}
}

// advice is the transport of a live target. If the target's set-up causes an error, it
// adds what to do.
type advice struct{ *live }

// RoundTrip implements [http.RoundTripper].
func (a advice) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := a.transport.RoundTrip(r)
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		if a.config.CA != nil {
			return nil, fmt.Errorf("%w; it is not signed by any CA in the file set by ca (flowtest.yaml) "+
				"or FLOWTEST_CA", err)
		}
		return nil, fmt.Errorf("%w; if the tenant's certificate is signed by a private CA, name its PEM file under "+
			"ca in flowtest.yaml or in FLOWTEST_CA", err)
	}
	if err != nil || r.URL.Scheme != "http" || resp.StatusCode != http.StatusBadRequest {
		return resp, err
	}
	return a.plainText(r, resp)
}

// plainText returns an error for the answer of a TLS port to a plain HTTP request,
// because that answer belongs to no flow. It returns any other response unchanged.
func (a advice) plainText(r *http.Request, resp *http.Response) (*http.Response, error) {
	const looked = 4 << 10
	body := bufio.NewReaderSize(resp.Body, looked)
	head, _ := body.Peek(looked) // reading the body returns the same error
	if !wantsTLS(head) {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{body, resp.Body}
		return resp, nil
	}
	_ = resp.Body.Close() // the error below describes the answer
	return nil, fmt.Errorf("%s expects TLS, and the request was plain HTTP: it answered 400, %q; write https:// "+
		"in baseUrl of the target %q in flowtest.yaml", r.URL.Host, a.begins(head), a.target.Name)
}

// wantsTLS reports whether a body is not JSON and mentions TLS. Servers answer so if their
// port expects TLS.
func wantsTLS(body []byte) bool {
	text := strings.ToLower(string(body))
	json := strings.HasPrefix(strings.TrimSpace(text), "{")
	return !json && (strings.Contains(text, "https") || strings.Contains(text, "ssl"))
}

// begins returns the beginning of a body. It is redacted before it is cut.
func (a advice) begins(body []byte) string {
	const shown = 80
	return words.Cut(strings.Join(strings.FieldsFunc(a.known.Redact(string(body)), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " "), shown)
}
