package davinci_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/davinci"
)

func TestHandles(t *testing.T) {
	t.Parallel()
	x := davinci.Exchange{
		Header: http.Header{"Interactionid": {"from-header"}, "Cookie": {"interactionId=from-cookie; interactionToken=undefined"}},
		Body:   []byte(`{"interactionId":"from-body"}`),
	}
	assert.Equal(t, []string{"from-header", "from-body", "from-cookie"}, x.Handed("interactionId"), "the surest first")
	assert.Empty(t, x.Handed("interactionToken"), "the web SDK sends the word undefined")
	x.Body = []byte(`{"interactionId":"from-header"} and more`)
	assert.Equal(t, []string{"from-header", "from-cookie"}, x.Handed("interactionId"), "a body that is not JSON names none")
}

func TestParameters(t *testing.T) {
	t.Parallel()
	at := &url.URL{Path: "/as/authorize", RawQuery: "scope=openid&state=query"}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	for name, row := range map[string]struct {
		x    davinci.Exchange
		want string
	}{
		"the query":                  {davinci.Exchange{Method: http.MethodGet, URL: at, Body: []byte("state=b")}, "scope=openid&state=query"},
		"a form over it":             {davinci.Exchange{Method: http.MethodPost, URL: at, Header: form, Body: []byte("state=b")}, "scope=openid&state=b"},
		"a form without its type":    {davinci.Exchange{Method: http.MethodPost, URL: at, Body: []byte("state=b")}, "scope=openid&state=b"},
		"a body of another type":     {davinci.Exchange{Method: http.MethodPost, URL: at, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`state=b`)}, "scope=openid&state=query"},
		"what can be read of a form": {davinci.Exchange{Method: http.MethodPost, URL: at, Header: form, Body: []byte("state=b&%zz=1")}, "scope=openid&state=b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, row.x.Parameters().Encode())
		})
	}
}

func TestEndpointOfAnExchange(t *testing.T) {
	t.Parallel()
	x := davinci.Exchange{Method: "get"}
	assert.Equal(t, davinci.NoEndpoint, x.Endpoint(), "one without a URL")
	x.URL = &url.URL{Path: "/env/as/authorize"}
	assert.Equal(t, davinci.Authorize, x.Endpoint())
}
