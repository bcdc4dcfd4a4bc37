package recordings_test

import (
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// withCookie loads a recording whose only hop sets a cookie.
func withCookie(cookie string) ([]*recordings.Flow, error) {
	text := "format: 1\nsource: synthetic\nflow: f\nhops:\n  - name: end\n    request: {path: /as/authorize}\n" +
		"    response: {status: 200, json: end.json, cookies: ['" + cookie + "']}\n"
	return recordings.LoadAll(fstest.MapFS{
		"f/recording.yaml": {Data: []byte(text)},
		"f/end.json":       {Data: []byte(`{"authorizeResponse":{"code":"{{code}}"}}`)},
	}, ".")
}

func TestCookiesKeepTheirAttributes(t *testing.T) {
	flows, err := withCookie("ST; Path=/as; Max-Age=60; HttpOnly; Secure; SameSite=None; Domain=example.com")
	require.NoError(t, err)
	got := flows[0].Hops[0].Response.Cookies[0]
	assert.Equal(t, "ST", got.Name)
	require.NotNil(t, got.As)
	assert.Equal(t, &http.Cookie{
		Name: "ST", Path: "/as", MaxAge: 60, HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode,
	}, got.As, "the domain is that of where it is replayed")

	flows, err = withCookie("cart[1]; Path=/")
	require.NoError(t, err)
	assert.Equal(t, "cart[1]; Path=/", flows[0].Hops[0].Response.Cookies[0].String())

	flows, err = withCookie("ST")
	require.NoError(t, err)
	assert.Equal(t, recordings.Cookie{Name: "ST"}, flows[0].Hops[0].Response.Cookies[0])
}

func TestCookiesThatAreRefused(t *testing.T) {
	const want = `, want its name and no value, with attributes after it where they were recorded, ` +
		`as in "ST; Path=/; HttpOnly; SameSite=None"`
	for name, row := range map[string]struct{ cookie, want string }{
		"with a value":                   {"ST=secret; Path=/", `f/recording.yaml:5: hop "end": cookie "ST"` + want},
		"without a name":                 {"; Path=/", `f/recording.yaml:5: hop "end": cookie ""` + want},
		"with an attribute of no kind":   {"ST; Pth=/", `f/recording.yaml:5: hop "end": cookie "ST" has the unknown attribute "Pth=/"`},
		"with a name that no cookie has": {"S,T", `f/recording.yaml:5: hop "end": cookie "S,T": a cookie has no name, or one that no cookie has`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := withCookie(row.cookie)
			assert.EqualError(t, err, row.want)
		})
	}
}
