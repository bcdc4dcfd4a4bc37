package har_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/har"
)

// packed compresses a text and returns it in Base64.
func packed(t *testing.T, with func(io.Writer) io.WriteCloser, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := with(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// What programs write of the same answer to the form has to be read the same.
func TestReadAnswers(t *testing.T) {
	t.Parallel()
	const want = `{"status":"COMPLETED"}`
	gzipped := packed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, want)
	deflated := packed(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, want)
	encodedWith := func(name string) []message { return header("content-encoding", name) }
	for name, edit := range map[string]func(m message){
		"text": func(message) {},
		"Base64": func(m message) {
			m.in("response.content.text", base64.StdEncoding.EncodeToString([]byte(want))).in("response.content.encoding", "base64")
		},
		"Base64 of URLs, without padding": func(m message) {
			m.in("response.content.text", base64.RawURLEncoding.EncodeToString([]byte(want))).in("response.content.encoding", "base64")
		},
		"Base64 in lines": func(m message) {
			m.in("response.content.text", "eyJzdGF0dXMiOiJD\r\nT01QTEVURUQifQ==\r\n").in("response.content.encoding", "base64")
		},
		"a header says compressed and the text is not, as browsers have it": func(m message) {
			m.in("response.headers", encodedWith("br")).in("response.content.compression", 7)
		},
		"compressed with gzip": func(m message) {
			m.in("response.headers", encodedWith("gzip")).in("response.content.text", gzipped).in("response.content.encoding", "base64")
		},
		"compressed with deflate": func(m message) {
			m.in("response.headers", encodedWith("deflate")).in("response.content.text", deflated).in("response.content.encoding", "base64")
		},
		"headers, cookies and timings are null": func(m message) {
			m.in("response.headers", nil).in("response.cookies", nil).in("timings", nil).in("cache", nil)
		},
		"what no page names": func(m message) {
			m.in("_resourceType", "fetch").in("_initiator", message{"type": "script"}).in("comment", "x").in("response.comment", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := next("02", "one")
			edit(m)
			a := read(t, start("01", "one"), m)
			require.Empty(t, said(a.Problems))
			require.Len(t, a.Journeys, 1)
			require.Len(t, a.Journeys[0], 2)
			got := a.Journeys[0][1]
			assert.True(t, bytes.Equal([]byte(want), got.Response), "%s", got.Response)
			assert.Equal(t, http.StatusOK, got.Status)
			assert.Empty(t, got.ResponseHeader.Values("Content-Encoding"), "the body is decoded")
		})
	}
}

// And of what was sent.
func TestReadRequests(t *testing.T) {
	t.Parallel()
	const asForm = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		edit func(m message)
		want string
	}{
		"text":            {func(message) {}, `{"id":"node1"}`},
		"no body":         {func(m message) { m.in("request.postData", nil).in("request.bodySize", -1) }, ""},
		"an empty object": {func(m message) { m.in("request.postData.text", "{}") }, "{}"},
		"parameters in the place of a text": {func(m message) {
			m.in("request.postData", message{"mimeType": asForm, "params": header("a", "1 2", "b", "ü&")})
		}, "a=1+2&b=%C3%BC%26"},
		"parameters beside a text": {func(m message) {
			m.in("request.postData", message{"mimeType": asForm, "text": "a=1%202", "params": header("a", "1 2")})
		}, "a=1%202"},
		"Base64": {func(m message) {
			m.in("request.postData.text", "eyJpZCI6Im5vZGUxIn0=").in("request.postData.encoding", "base64")
		}, `{"id":"node1"}`},
		"Firefox puts headers before what a form posts": {func(m message) {
			m.in("request.postData.text", "Content-Type: "+asForm+"\r\nContent-Length: 3\r\n\r\na=b")
		}, "a=b"},
		"a text with a blank line of its own": {func(m message) {
			m.in("request.postData.text", "{\"content-a\":\r\n\r\n1}")
		}, "{\"content-a\":\r\n\r\n1}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := next("02", "one")
			test.edit(m)
			a := read(t, start("01", "one"), m)
			require.Empty(t, said(a.Problems))
			assert.Equal(t, test.want, string(a.Journeys[0][1].Body))
		})
	}
}

func TestReadExchange(t *testing.T) {
	t.Parallel()
	m := start("01", "one").
		in("startedDateTime", "2026-03-04T06:06:07.125+0100").in("time", 1234.5).
		in("request.url", site+"/as/authorize?response_mode=pi.flow&state=a%20b#part").
		in("request.headers", header(":authority", "auth.example.com", ":method", "GET", "Host", "auth.example.com",
			"x-requested-with", "ping-sdk", "ACCEPT", " application/json ", "accept-encoding", "gzip")).
		in("request.cookies", []message{{"name": "ST", "value": "old"}, {"name": "b", "value": "2"}}).
		in("response.headers", header(":status", "200", "set-cookie", "interactionId=one; Path=/\ninteractionToken=tok; HttpOnly",
			"content-length", "99", "content-type", "application/json"))
	a := read(t, m)
	got := a.Journeys[0][0]
	assert.Equal(t, time.Date(2026, 3, 4, 5, 6, 7, 125_000_000, time.UTC), got.Began)
	assert.Equal(t, 1234500*time.Microsecond, got.Took)
	assert.Equal(t, site+"/as/authorize?response_mode=pi.flow&state=a%20b", got.URL.String())
	assert.Nil(t, got.Body)
	assert.Equal(t, http.Header{
		"X-Requested-With": {"ping-sdk"}, "Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Cookie": {"ST=old; b=2"},
	}, got.Header)
	assert.Equal(t, http.Header{
		"Content-Type": {"application/json"}, "Set-Cookie": {"interactionId=one; Path=/", "interactionToken=tok; HttpOnly"},
	}, got.ResponseHeader)

	only := read(t, start("01", "one").in("response.cookies", []message{{
		"name": "ST", "value": "s", "path": "/", "expires": "2026-03-05T00:00:00.000Z", "httpOnly": true, "secure": true, "sameSite": "None",
	}}))
	assert.Equal(t, []string{"ST=s; Path=/; SameSite=None; Expires=Thu, 05 Mar 2026 00:00:00 GMT; HttpOnly; Secure"},
		only.Journeys[0][0].ResponseHeader["Set-Cookie"], "cookies that are only beside the headers")

	joined := read(t, start("01", "one").in("response.headers", header("Set-Cookie",
		`interactionId=one; Path=/; Expires=Thu, 05 Mar 2026 00:00:00 GMT, a[b]={"x":1,"y":2}; Max-Age=60, ST=s; Secure`)).
		in("response.cookies", []message{{"name": "interactionId"}, {"name": "a[b]"}, {"name": "ST"}}))
	assert.Equal(t, []string{
		"interactionId=one; Path=/; Expires=Thu, 05 Mar 2026 00:00:00 GMT", `a[b]={"x":1,"y":2}; Max-Age=60`, "ST=s; Secure",
	}, joined.Journeys[0][0].ResponseHeader["Set-Cookie"], "several cookies in one line")
}

// What cannot be used ends the sign-on before it, and nothing is passed over in silence.
func TestReadDefects(t *testing.T) {
	t.Parallel()
	const kept = "; its sign-on is kept up to here"
	for name, test := range map[string]struct {
		edit func(m message)
		want string
	}{
		"no contents": {
			func(m message) { m.in("response.content", message{"size": 22, "mimeType": "application/json"}) },
			"its response body of 22 bytes is not in the file: save it with its contents, and before the browser has dropped them",
		},
		"a body in a file of its own": {
			func(m message) { m.in("response.content._file", "0a1b.json") },
			"its response body is in a file of its own, 0a1b.json: save it with its bodies inside (Playwright: content embed)",
		},
		"no request body": {
			func(m message) { m.in("request.postData", nil) },
			"its request body of 14 bytes is not in the file: save it with its bodies",
		},
		"Base64 that is none": {
			func(m message) { m.in("response.content.text", "ab!c").in("response.content.encoding", "base64") },
			"its response body is marked as Base64 but is not: illegal base64 data at input byte 2",
		},
		"an unknown encoding": {
			func(m message) { m.in("response.content.encoding", "rot13") },
			`its response body has the encoding "rot13", want none or base64`,
		},
		"brotli as it came": {
			func(m message) {
				m.in("response.headers", header("Content-Encoding", "br")).in("response.content.text", "iwGA/w==").in("response.content.encoding", "base64")
			},
			"its response body is compressed with br, which is not read: save it from a browser, or ask for gzip",
		},
		"gzip that is cut off": {
			func(m message) {
				m.in("response.headers", header("Content-Encoding", "gzip")).in("response.content.text", "H4sI").in("response.content.encoding", "base64")
			},
			"its response body is compressed with gzip and broken: unexpected EOF",
		},
		"bytes that were saved as text": {
			func(m message) {
				m.in("response.headers", header("Content-Encoding", "gzip")).in("response.content.text", "\ufffd\u0008\ufffdx")
			},
			"its response body was saved as text although it is binary, most likely compressed, and cannot be had back",
		},
		"a body that is too large": {
			func(m message) { m.in("response.content.text", strings.Repeat("x", har.MaxBody+1)) },
			"its response body is over 1 MiB",
		},
		"a body so large that it is not even read": {
			func(m message) { m.in("response.content.text", strings.Repeat("\u0001", 3*har.MaxBody)) },
			"its response body is over 1 MiB",
		},
		"a value of another type": {
			func(m message) { m.in("response.status", "200") },
			"its response.status is a JSON string, which HAR does not have there",
		},
		"an invalid status": {
			func(m message) { m.in("response.status", 7) },
			"its status is 7, want three digits",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := next("02", "one")
			test.edit(m)
			a := read(t, start("01", "one"), m, next("03", "one"), start("04", "two"), next("05", "two"))
			require.Len(t, a.Journeys, 2)
			assert.Equal(t, []string{"GET authorize"}, story(a.Journeys[0]))
			assert.Equal(t, []string{"GET authorize", "POST customHTMLTemplate"}, story(a.Journeys[1]), "the other sign-on is whole")
			const at = ", POST /env-1/davinci/connections/conn1/capabilities/customHTMLTemplate: "
			assert.Equal(t, []string{
				"entry 2" + at + test.want + kept,
				"entry 3" + at + "an exchange before it is missing, and its sign-on is kept up to that one",
			}, said(a.Problems))
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	whole := file(t, start("01", "one"), next("02", "one"))
	cut := strings.LastIndex(whole, `"POST"`)
	others := []message{}
	for range 3 {
		others = append(others, made("01", "GET", "https://www.example.net/a.css", "", 200, "x"))
	}
	others = append(others, made("02", "OPTIONS", form, "", 204, ""), made("03", "POST", site+"/as/token", "a=b", 200, "{}"),
		made("04", "GET", site+"/as/authorize?client_id=app", "", 302, ""))
	for name, test := range map[string]struct{ give, want string }{
		"nothing":         {"", "the file is cut off at line 1, byte 0, after 0 whole entries: save it again"},
		"not JSON":        {"{\n  \"log\": nonsense\n}", "line 2, byte 12: not JSON: invalid character 'o' in literal null (expecting 'u')"},
		"a missing comma": {"{\"log\":{\"a\":1\n\"entries\":[]}}", "line 2, byte 14: not JSON: invalid character '\"' after object key:value pair"},
		"not JSON in an entry": {
			"{\"log\":{\"entries\":[\n{},\n{\"time\":1,,}]}}",
			"line 3, byte 34: not JSON: invalid character ',' looking for beginning of object key string",
		},
		"a page":              {"<!DOCTYPE html>", "line 1, byte 0: not JSON: it is a page of HTML or XML"},
		"a zip file":          {"PK\x03\x04rest", "line 1, byte 0: not JSON: it is a zip file: unpack it, and give the .har inside"},
		"a compressed file":   {"\x1f\x8brest", "line 1, byte 0: not JSON: it is compressed with gzip: unpack it first"},
		"UTF-16":              {"\xff\xfe{\x00", "line 1, byte 0: not JSON: it is UTF-16 text: save it as UTF-8"},
		"two files in one":    {whole + "\n{}", "more follows after the end of the HAR"},
		"cut off":             {whole[:cut], "after 1 whole entry: save it again"},
		"cut off at its end":  {whole[:len(whole)-1], "after 2 whole entries: save it again"},
		"an array":            {"[]", "this is not a HAR: found the top level as an array, want an object whose log.entries is an array"},
		"another object":      {`{"b":1,"a":2}`, "this is not a HAR: found an object with the keys a, b, want an object whose log.entries is an array"},
		"an invalid log":      {`{"log":"x"}`, "this is not a HAR: found log as a string, want an object whose log.entries is an array"},
		"a log without":       {`{"log":{"version":"1.2"}}`, "this is not a HAR: found log with the keys version, want an object whose log.entries is an array"},
		"entries that are no": {`{"log":{"entries":{}}}`, "this is not a HAR: found log.entries as an object, want an object whose log.entries is an array"},
		"no entries": {file(t), "it has no entries, want requests to /as/authorize with response_mode=pi.flow and what follows them: " +
			"open the network panel before you sign on"},
		"another site": {file(t, others...), "6 entries, none of a DaVinci flow: 3 of www.example.net (other), 1 of auth.example.com (CORS preflight), " +
			"1 of auth.example.com (OAuth endpoint), 1 of auth.example.com (sign-on by redirect); " +
			"want requests to /as/authorize with response_mode=pi.flow and what follows them"},
		"no start": {file(t, next("01", "one")), "1 entry, and no sign-on that could be used:\n" +
			"\tentry 1, POST /env-1/davinci/connections/conn1/capabilities/customHTMLTemplate: " +
			"the start of its sign-on is not in the file: open the network panel before you sign on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := har.Read(strings.NewReader(test.give))
			require.ErrorContains(t, err, test.want)
			assert.Nil(t, a)
		})
	}
}

func TestReadPassesOverTheMark(t *testing.T) {
	t.Parallel()
	a, err := har.Read(strings.NewReader("\xef\xbb\xbf" + file(t, start("01", "one"))))
	require.NoError(t, err)
	assert.Len(t, a.Journeys, 1)
}

// Where a mistake is counts in bytes of the file, whatever was left out of a
// long string before it.
func TestReadPlacesMistakesAfterLongStrings(t *testing.T) {
	t.Parallel()
	notInShort(t)
	long := strings.Repeat(`\u0041\"`, 1_700_000)
	text := "{\"log\":{\"entries\":[{\"a\":\"" + long + "\"},\n{\"b\":\"" + long + "\",\n\"c\":?}]}}"
	_, err := har.Read(strings.NewReader(text))
	assert.ErrorContains(t, err, fmt.Sprintf("line 3, byte %d: not JSON: ", strings.IndexByte(text, '?')))
}

func TestReadBoundsTheFile(t *testing.T) {
	t.Parallel()
	notInShort(t)
	const head = `{"log":{"entries":[`
	for name, test := range map[string]struct {
		give io.Reader
		want string
	}{
		"a file": {
			io.MultiReader(strings.NewReader(`{"comment":"`), &endless{strings.Repeat("x", 1<<10)}),
			"a file over 256 MiB, want at most 256 MiB: filter by the host of the sign-on before you save",
		},
		"an entry": {
			io.MultiReader(strings.NewReader(head+`{},{"a":[1`), &endless{strings.Repeat(",123456789", 100)}),
			"entry 2 is over 32 MiB, want the exchanges of a sign-on: filter by the host of the sign-on before you save",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := har.Read(test.give)
			assert.EqualError(t, err, test.want)
		})
	}
}

// endless repeats a text.
type endless struct{ text string }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(e.text) <= len(p) {
		n += copy(p[n:], e.text)
	}
	return n, nil
}
