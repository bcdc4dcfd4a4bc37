package flow_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
)

func BenchmarkAHopIsRead(b *testing.B) {
	u, err := url.Parse(endpoint)
	require.NoError(b, err)
	request := &flow.Request{Method: http.MethodGet, URL: u}
	for name, body := range map[string]string{
		"a screen": form(username, password, signOn, register), "an end": done, "one that broke off": form(username)[:400],
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			text := []byte(body)
			for b.Loop() {
				h := new(flow.Observer).Hop(request, false, http.StatusOK, nil, text)
				h.Message()
				h.Code()
			}
		})
	}
}
