package har_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/har"
)

// What Firefox, Charles and Fiddler write of one sign-on differs, and is read alike: how they
// write times, what they have of a connection, of a preflight and of a request that was given
// up, and which members they leave out.
func TestTheProgramsThatSaveHAR(t *testing.T) {
	t.Parallel()
	const authorize, submitted = site + "/as/authorize?response_mode=pi.flow&client_id=app", `{"id":"node1"}`
	const completed = `{"status":"COMPLETED"}`
	screen := screen("one", "node1")
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	quoted := func(text string) string { return fmt.Sprintf("%q", text) }
	for name, text := range map[string]string{
		"Firefox": `{"log":{"version":"1.2","creator":{"name":"Firefox","version":"152.0"},"browser":{"name":"Firefox","version":"152.0"},
			"pages":[{"id":"page_1","pageTimings":{"onContentLoad":-1,"onLoad":-1},"startedDateTime":"2026-03-04T06:06:00.100+01:00","title":"app"}],"entries":[
			{"startedDateTime":"2026-03-04T06:06:00.900+01:00","request":{"bodySize":0,"method":"OPTIONS","url":"` + form + `","httpVersion":"HTTP/2","headers":[{"name":"Origin","value":"https://app.example.com"}],"cookies":[],"queryString":[],"headersSize":300},"response":{"status":204,"statusText":"No Content","httpVersion":"HTTP/2","headers":[],"cookies":[],"content":{"mimeType":"text/plain","size":0,"text":""},"redirectURL":"","headersSize":100,"bodySize":100},"cache":{},"timings":{"blocked":0,"dns":0,"connect":0,"ssl":0,"send":0,"wait":5,"receive":0},"time":5,"_securityState":"secure","serverIPAddress":"192.0.2.7","connection":"443","pageref":"page_1"},
			{"startedDateTime":"2026-03-04T06:06:01.000+01:00","request":{"bodySize":0,"method":"GET","url":"` + authorize + `","httpVersion":"HTTP/2","headers":[{"name":"X-Requested-With","value":"ping-sdk"}],"cookies":[],"queryString":[{"name":"response_mode","value":"pi.flow"}],"headersSize":300},"response":{"status":200,"statusText":"","httpVersion":"HTTP/2","headers":[{"name":"content-type","value":"application/json;charset=utf-8"},{"name":"content-encoding","value":"br"}],"cookies":[],"content":{"mimeType":"application/json;charset=utf-8","size":300,"encoding":"base64","text":"` + encoded(screen) + `"},"redirectURL":"","headersSize":100,"bodySize":400},"cache":{},"timings":{"blocked":-1,"dns":0,"connect":0,"ssl":0,"send":0,"wait":31,"receive":0},"time":31,"_securityState":"secure","pageref":"page_1"},
			{"startedDateTime":"2026-03-04T06:06:01.500+01:00","request":{"bodySize":14,"method":"POST","url":"` + form + `","httpVersion":"HTTP/2","headers":[],"cookies":[],"queryString":[],"headersSize":300,"postData":{"mimeType":"application/json","params":[],"text":` + quoted(submitted) + `}},"response":{"status":0,"statusText":"","httpVersion":"","headers":[],"cookies":[],"content":{"mimeType":"text/plain","size":0,"text":""},"redirectURL":"","headersSize":-1,"bodySize":-1},"cache":{},"timings":{},"time":0,"pageref":"page_1"},
			{"startedDateTime":"2026-03-04T06:06:02.000+01:00","request":{"bodySize":14,"method":"POST","url":"` + form + `","httpVersion":"HTTP/2","headers":[{"name":"X-Requested-With","value":"ping-sdk"},{"name":"interactionId","value":"one"}],"cookies":[],"queryString":[],"headersSize":300,"postData":{"mimeType":"application/json","params":[],"text":` + quoted(submitted) + `}},"response":{"status":200,"statusText":"","httpVersion":"HTTP/2","headers":[{"name":"content-type","value":"application/json"}],"cookies":[],"content":{"mimeType":"application/json","size":22,"text":` + quoted(completed) + `},"redirectURL":"","headersSize":100,"bodySize":22},"cache":{},"timings":{"send":0,"wait":12,"receive":0},"time":12,"pageref":"page_1"}]}}`,
		"Charles": `{"log":{"version":"1.2","creator":{"name":"Charles Proxy","version":"5.0.2"},"entries":[
			{"startedDateTime":"2026-03-04T06:06:00.500+01:00","time":80,"request":{"method":"CONNECT","url":"https://auth.example.com","httpVersion":"HTTP/1.1","cookies":[],"headers":[],"queryString":[],"headersSize":120,"bodySize":0},"response":{"_charlesStatus":"COMPLETE","status":200,"statusText":"OK","httpVersion":"HTTP/1.1","cookies":[],"headers":[],"content":{"size":0,"mimeType":null},"redirectURL":null,"headersSize":0,"bodySize":0},"serverIPAddress":"192.0.2.7","cache":{},"timings":{"dns":1,"connect":20,"blocked":-1,"send":0,"wait":0,"receive":0,"ssl":-1}},
			{"startedDateTime":"2026-03-04T06:06:01.000+01:00","time":31,"request":{"method":"GET","url":"` + authorize + `","httpVersion":"HTTP/2.0","cookies":[],"headers":[{"name":":method","value":"GET"},{"name":":authority","value":"auth.example.com"},{"name":"x-requested-with","value":"ping-sdk"}],"queryString":[],"headersSize":300,"bodySize":0},"response":{"_charlesStatus":"COMPLETE","status":200,"statusText":null,"httpVersion":"HTTP/2.0","cookies":[],"headers":[{"name":":status","value":"200"},{"name":"content-type","value":"application/json;charset=utf-8"}],"content":{"size":300,"mimeType":"application/json; charset=utf-8","text":"` + encoded(screen) + `","encoding":"base64"},"redirectURL":null,"headersSize":0,"bodySize":300},"serverIPAddress":"192.0.2.7","cache":{},"timings":{"dns":-1,"connect":-1,"blocked":-1,"send":0,"wait":30,"receive":1,"ssl":-1}},
			{"startedDateTime":"2026-03-04T06:06:02.000+01:00","time":12,"request":{"method":"POST","url":"` + form + `","httpVersion":"HTTP/2.0","cookies":[],"headers":[{"name":"x-requested-with","value":"ping-sdk"},{"name":"interactionid","value":"one"}],"queryString":[],"postData":{"mimeType":"application/json","text":` + quoted(submitted) + `},"headersSize":300,"bodySize":14},"response":{"_charlesStatus":"COMPLETE","status":200,"statusText":null,"httpVersion":"HTTP/2.0","cookies":[],"headers":[],"content":{"size":22,"mimeType":"application/json","text":` + quoted(completed) + `},"redirectURL":null,"headersSize":0,"bodySize":22},"cache":{},"timings":{"send":0,"wait":12,"receive":0}}]}}`,
		"Fiddler": "\ufeff" + `{"log":{"pages":[],"comment":"exported @ 3/4/2026 6:07:00 AM","entries":[
			{"time":81,"startedDateTime":"2026-03-04T06:06:00.5000000+01:00","cache":{},"request":{"bodySize":0,"method":"CONNECT","url":"http://auth.example.com:443","httpVersion":"HTTP/1.1","headersSize":120,"headers":[],"cookies":[],"queryString":[]},"response":{"bodySize":0,"status":200,"statusText":"Connection Established","httpVersion":"HTTP/1.1","headersSize":80,"redirectURL":"","headers":[],"cookies":[],"content":{"size":0,"compression":0,"mimeType":"","text":"This is a CONNECT tunnel, through which encrypted HTTPS traffic flows."}},"connection":"ClientPort:50001;EgressPort:50002","timings":{"send":0,"wait":81,"receive":0},"comment":"[#1]"},
			{"time":31,"startedDateTime":"2026-03-04T06:06:01.0000000+01:00","cache":{},"request":{"bodySize":0,"method":"GET","url":"` + authorize + `","httpVersion":"HTTP/1.1","headersSize":300,"headers":[{"name":"Host","value":"auth.example.com"},{"name":"X-Requested-With","value":"ping-sdk"}],"cookies":[],"queryString":[{"name":"response_mode","value":"pi.flow"}]},"response":{"bodySize":300,"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headersSize":200,"redirectURL":"","headers":[{"name":"Content-Type","value":"application/json;charset=utf-8"},{"name":"Transfer-Encoding","value":"chunked"},{"name":"Content-Encoding","value":"gzip"}],"cookies":[],"content":{"size":300,"compression":-12,"mimeType":"application/json;charset=utf-8","text":` + quoted(screen) + `}},"connection":"ClientPort:50001;EgressPort:50002","timings":{"dns":0,"send":0,"wait":31,"connect":0,"receive":0},"comment":"[#2]"},
			{"time":12,"startedDateTime":"2026-03-04T06:06:02.0000000+01:00","cache":{},"request":{"bodySize":14,"method":"POST","url":"` + form + `","httpVersion":"HTTP/1.1","headersSize":300,"headers":[{"name":"X-Requested-With","value":"ping-sdk"},{"name":"interactionId","value":"one"}],"cookies":[],"queryString":[],"postData":{"mimeType":"application/json","text":` + quoted(submitted) + `}},"response":{"bodySize":22,"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headersSize":200,"redirectURL":"","headers":[],"cookies":[],"content":{"size":22,"compression":0,"mimeType":"application/json","text":` + quoted(completed) + `}},"timings":{"send":0,"wait":12,"receive":0},"comment":"[#3]"}],"creator":{"version":"5.0.20253","comment":"https://fiddler2.com","name":"Fiddler"},"version":"1.2"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := har.Read(strings.NewReader(text))
			require.NoError(t, err)
			if name == "Firefox" {
				assert.Equal(t, []string{"entry 3, POST /env-1/davinci/connections/conn1/capabilities/customHTMLTemplate: it was not answered: " +
					"the browser aborted it or kept it back, because of CORS or because the page was left"}, said(a.Problems))
			} else {
				assert.Empty(t, said(a.Problems))
			}
			require.Len(t, a.Journeys, 1)
			require.Len(t, a.Journeys[0], 2)
			begins, ends := a.Journeys[0][0], a.Journeys[0][1]
			assert.Equal(t, []string{"GET authorize", "POST customHTMLTemplate"}, story(a.Journeys[0]))
			assert.Equal(t, day+"01Z", begins.Began.UTC().Format("2006-01-02T15:04:05Z07:00"))
			assert.JSONEq(t, screen, string(begins.Response))
			assert.Equal(t, "ping-sdk", begins.Header.Get("X-Requested-With"))
			assert.JSONEq(t, submitted, string(ends.Body))
			assert.JSONEq(t, completed, string(ends.Response))
		})
	}
}
