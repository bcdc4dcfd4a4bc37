package recordings_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

const authorizeURL = "https://auth.pingone.example/env/as/authorize"

func TestRecorderKeepsTheRequestsOfAFlow(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodPost, authorizeURL, func(r *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, "client_id=app", string(sent), "the body is sent on")
		resp := httpmock.NewStringResponse(200, `{"id":"node"}`)
		resp.Header.Set("Set-Cookie", "ST=x")
		return resp, nil
	})
	mock.RegisterResponder(http.MethodGet, "https://auth.pingone.example/env/as/jwks", httpmock.NewStringResponder(200, "{}"))
	recorder := &recordings.Recorder{Next: mock}
	client := &http.Client{Transport: recorder}

	send := func(method, to, body string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		return resp
	}
	resp := send(http.MethodPost, authorizeURL, "client_id=app")
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.JSONEq(t, `{"id":"node"}`, string(got), "the client reads the body too")
	require.NoError(t, send(http.MethodGet, "https://auth.pingone.example/env/as/jwks", "").Body.Close())

	exchanges := recorder.Exchanges()
	require.Len(t, exchanges, 1, "a request to no endpoint of a flow is not kept")
	x := exchanges[0]
	assert.Equal(t, http.MethodPost, x.Method)
	assert.Equal(t, authorizeURL, x.URL.String())
	assert.Equal(t, "client_id=app", string(x.Body))
	assert.Equal(t, 200, x.Status)
	assert.JSONEq(t, `{"id":"node"}`, string(x.Response))
	assert.Equal(t, "ST=x", x.ResponseHeader.Get("Set-Cookie"))
	assert.False(t, x.Began.IsZero())
}

func TestRecorderErrors(t *testing.T) {
	broken := errors.New("the cable is cut")
	for name, row := range map[string]struct {
		next http.RoundTripper
		want string
	}{
		"nothing to send with": {nil, "recordings: the Recorder has no Next to send the request with"},
		"the network fails":    {httpmock.NewMockTransport(), "no responder found"},
		"a response without end": {
			answering(func() (*http.Response, error) {
				return httpmock.NewStringResponse(200, strings.Repeat("x", recordings.MaxBody+1)), nil
			}),
			"recordings: GET /env/as/authorize answered with more than 1048576 bytes",
		},
		"a response that breaks off": {
			answering(func() (*http.Response, error) {
				body := io.MultiReader(strings.NewReader("{"), breaking{broken})
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
			}),
			"the cable is cut",
		},
	} {
		t.Run(name, func(t *testing.T) {
			recorder := &recordings.Recorder{Next: row.next}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, authorizeURL, http.NoBody)
			require.NoError(t, err)
			_, err = recorder.RoundTrip(req)
			require.ErrorContains(t, err, row.want)
			assert.Empty(t, recorder.Exchanges())
		})
	}
}

// answering is a RoundTripper that answers every request.
type answering func() (*http.Response, error)

func (a answering) RoundTrip(*http.Request) (*http.Response, error) { return a() }

// breaking is a reader that only fails.
type breaking struct{ err error }

func (f breaking) Read([]byte) (int, error) { return 0, f.err }
