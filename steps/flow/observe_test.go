package flow_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func BenchmarkAHopIsRead(b *testing.B) {
	u, err := url.Parse(endpoint)
	require.NoError(b, err)
	for name, body := range map[string]string{
		"a screen": form(username, password, signOn, register), "an end": done, "one that broke off": form(username)[:400],
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			one := davinci.Exchanges{{Method: http.MethodGet, URL: u, Status: http.StatusOK, Response: []byte(body)}}
			for b.Loop() {
				h := flow.Observe(one, false)[0]
				h.Message()
				h.Code()
			}
		})
	}
}
