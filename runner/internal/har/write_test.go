package har_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/har"
	"flowtest/steps/davinci"
)

// sample is two sign-ons that ran at once.
func sample(tb testing.TB) []davinci.Exchanges {
	tb.Helper()
	begin := exchange(tb, 1, "GET", site+"/as/authorize?response_mode=pi.flow&state=a%20b&x", "", 200, screen("one", "node1"))
	begin.ResponseHeader["Set-Cookie"] = []string{"interactionId=one; Path=/; HttpOnly", "ST=s; Secure; SameSite=None"}
	wrong := exchange(tb, 3, "POST", form, `{"interactionId":"one","x":"<a href=\"&\">ü\u2028"}`, 400, `{"id":"node2"}`)
	wrong.Header["Cookie"] = []string{"interactionId=one; ST=s"}
	bytesOut := exchange(tb, 5, "POST", form, `{"interactionId":"one"}`, 200, "\xff\x00\x1f")
	bytesOut.Body = []byte("Content-Type: x\r\n\r\n\xfe")
	bytesOut.Header.Set("InteractionId", "one")
	empty := exchange(tb, 6, "POST", form, `{"interactionId":"one"}`, 302, "")
	empty.Response = nil
	empty.ResponseHeader.Set("Location", "https://app.example.com/?code=c")
	other := exchange(tb, 2, "GET", site+"/as/authorize?response_mode=pi.flow", "", 200, screen("two", "node1"))
	then := exchange(tb, 4, "POST", form, `{"interactionId":"two"}`, 200, "{}")
	return []davinci.Exchanges{{begin, wrong, bytesOut, empty}, {other, then}}
}

func written(tb testing.TB, journeys []davinci.Exchanges) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, har.Write(&b, journeys, "1.2.3", har.Legend{}))
	return b.Bytes()
}

func TestWriteThenRead(t *testing.T) {
	t.Parallel()
	want := sample(t)
	text := written(t, want)
	keep(t, "sample.har", text)
	got, err := har.Read(bytes.NewReader(text))
	require.NoError(t, err)
	entry := 0
	for _, journey := range want {
		for i := range journey {
			entry++
			journey[i].Seen = fmt.Sprintf("entry %d", entry)
		}
	}
	assert.Equal(t, want, got.Journeys)
	assert.Contains(t, string(text), `"creator":{"name":"flowtest","version":"1.2.3"}`)
	assert.Equal(t, har.Legend{}, got.Legend, "nothing is said of who signs on")
	assert.False(t, gjson.GetBytes(text, "log._flowtest").Exists())
	assert.Empty(t, said(got.Problems))
	assert.Empty(t, got.Ignored)
}

// What flowtest says about its own file is read again, wherever in the log it is, and
// what another program wrote there in another form is left out.
func TestLegend(t *testing.T) {
	t.Parallel()
	want := har.Legend{
		Users: map[string]map[string]string{"stand-in": {"username": "a", "password": "b \"c\" <d>"}},
		Flows: map[string]string{"5012727d02503c3c246e6a660e020812": "sign-on"},
	}
	var b bytes.Buffer
	require.NoError(t, har.Write(&b, sample(t), "1", want))
	text := b.String()
	got, err := har.Read(strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, want, got.Legend)
	assert.Len(t, got.Journeys, 2)

	legend := gjson.Get(text, "log._flowtest").Raw
	last := strings.Replace(strings.Replace(text, `"_flowtest":`+legend+",", "", 1), "\n]}}", "\n],\"_flowtest\":"+legend+"}}", 1)
	require.NotEqual(t, text, last)
	got, err = har.Read(strings.NewReader(last))
	require.NoError(t, err)
	assert.Equal(t, want, got.Legend)

	for name, other := range map[string]string{"a text": `"mine"`, "a list": `[1]`, "other kinds": `{"users":[],"flows":3}`} {
		got, err = har.Read(strings.NewReader(strings.Replace(text, legend, other, 1)))
		require.NoError(t, err, name)
		assert.Empty(t, got.Legend.Users, name)
		assert.Empty(t, got.Legend.Flows, name)
		assert.Len(t, got.Journeys, 2, name)
	}
}

// required is what HAR 1.2 demands of an entry, by kind.
var required = map[string]gjson.Type{
	"startedDateTime": gjson.String, "time": gjson.Number, "cache": gjson.JSON,
	"timings.send": gjson.Number, "timings.wait": gjson.Number, "timings.receive": gjson.Number,
	"request.method": gjson.String, "request.url": gjson.String, "request.httpVersion": gjson.String,
	"request.cookies": gjson.JSON, "request.headers": gjson.JSON, "request.queryString": gjson.JSON,
	"request.headersSize": gjson.Number, "request.bodySize": gjson.Number,
	"response.status": gjson.Number, "response.statusText": gjson.String, "response.httpVersion": gjson.String,
	"response.cookies": gjson.JSON, "response.headers": gjson.JSON, "response.redirectURL": gjson.String,
	"response.headersSize": gjson.Number, "response.bodySize": gjson.Number,
	"response.content.size": gjson.Number, "response.content.mimeType": gjson.String,
}

func TestWriteIsHAR(t *testing.T) {
	t.Parallel()
	text := written(t, sample(t))
	require.True(t, gjson.ValidBytes(text))
	log := gjson.GetBytes(text, "log")
	assert.Equal(t, "1.2", log.Get("version").String())
	assert.Equal(t, "flowtest", log.Get("creator.name").String())
	assert.Equal(t, "1.2.3", log.Get("creator.version").String())
	entries := log.Get("entries").Array()
	require.Len(t, entries, 6)
	for i, e := range entries {
		for path, want := range required {
			got := e.Get(path)
			assert.Equal(t, want, got.Type, "entry %d: %s is %q", i, path, got.Raw)
		}
		for _, path := range []string{"request.cookies", "request.headers", "request.queryString", "response.cookies", "response.headers"} {
			require.True(t, e.Get(path).IsArray(), path)
			for _, p := range e.Get(path).Array() {
				assert.Equal(t, gjson.String, p.Get("name").Type, path)
				assert.Equal(t, gjson.String, p.Get("value").Type, path)
			}
		}
		_, err := time.Parse(time.RFC3339, e.Get("startedDateTime").String())
		require.NoError(t, err)
	}
	assert.JSONEq(t, `[{"name":"response_mode","value":"pi.flow"},{"name":"state","value":"a b"},{"name":"x","value":""}]`,
		entries[0].Get("request.queryString").Raw)
	assert.Equal(t, "application/json", entries[1].Get("request.postData.mimeType").String())
	assert.Equal(t, "base64", entries[2].Get("response.content.encoding").String())
	assert.Equal(t, "https://app.example.com/?code=c", entries[3].Get("response.redirectURL").String())
	assert.Contains(t, string(text), `<a href=`, "HTML stays readable")
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	fine := exchange(t, 1, "GET", site+"/as/authorize", "", 200, "{}")
	for name, test := range map[string]struct {
		edit func(x *davinci.Exchange)
		want string
	}{
		"no URL":       {func(x *davinci.Exchange) { x.URL = nil }, "journey 1, exchange 2: GET has no URL with a host"},
		"no host":      {func(x *davinci.Exchange) { x.URL = &url.URL{Path: "/as"} }, "journey 1, exchange 2: GET has no URL with a host"},
		"no status":    {func(x *davinci.Exchange) { x.Status = 0 }, "journey 1, exchange 2: GET /env-1/as/authorize has no status"},
		"a large body": {func(x *davinci.Exchange) { x.Response = make([]byte, har.MaxBody+1) }, "journey 1, exchange 2: GET /env-1/as/authorize has a body over 1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := fine
			test.edit(&bad)
			assert.EqualError(t, har.Write(io.Discard, []davinci.Exchanges{{fine, bad}}, "", har.Legend{}), test.want)
		})
	}
	assert.ErrorIs(t, har.Write(full{}, sample(t), "", har.Legend{}), errFull)
}

var errFull = errors.New("the disk is full")

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// FuzzRead: no bytes make Read panic, and what it read it reads again from what
// Write makes of it.
func FuzzRead(f *testing.F) {
	f.Add(written(f, sample(f)))
	f.Add([]byte(file(f, start("01", "one"), next("02", "one"), next("03", "").in("response.status", 0), made("04", "OPTIONS", form, "", 204, ""))))
	f.Add([]byte(file(f, start("01", "one").in("response.cookies", []message{{"name": "a\nb", "value": ";", "expires": day + "00Z"}}))))
	f.Add([]byte("\xef\xbb\xbf{\"log\":{\"entries\":[{\"a\":\"\\ud800\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := har.Read(bytes.NewReader(text))
		if a == nil {
			require.Error(t, err)
			return
		}
		if len(a.Journeys) == 0 {
			return
		}
		var b bytes.Buffer
		require.NoError(t, har.Write(&b, a.Journeys, "", har.Legend{}))
		again, err := har.Read(&b)
		require.NoError(t, err)
		require.Len(t, again.Journeys, len(a.Journeys))
		for i, journey := range a.Journeys {
			require.Len(t, again.Journeys[i], len(journey))
			for k, want := range journey {
				got := again.Journeys[i][k]
				require.Equal(t, want.URL.String(), got.URL.String())
				want.URL, got.URL, want.Seen, got.Seen = nil, nil, "", ""
				require.Equal(t, want, got)
			}
		}
	})
}

// foreign is a large HAR of another site with one sign-on at its end.
func foreign(tb testing.TB, size int) (io.Reader, int64) {
	tb.Helper()
	one := made("01", "GET", "https://cdn.example.net/film.mp4", "", 200, strings.Repeat("ab\\\"c", 200<<10))
	whole := file(tb, one, start("02", "one"), next("03", "one"))
	head, tail := strings.Index(whole, "[{\"cache")+1, strings.Index(whole, ",{\"cache")
	repeat := whole[head:tail] + ","
	parts := []io.Reader{strings.NewReader(whole[:head])}
	n := int64(len(whole))
	for total := 0; total < size; total += len(repeat) {
		parts = append(parts, strings.NewReader(repeat))
		n += int64(len(repeat))
	}
	return io.MultiReader(append(parts, strings.NewReader(whole[head:]))...), n
}

// A peak reader looks at the memory in use while it is read.
type peak struct {
	io.Reader
	most uint64
}

func (p *peak) Read(b []byte) (int, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.most = max(p.most, m.HeapInuse)
	return p.Reader.Read(b)
}

// BenchmarkReadForeign reports as "MiB" what is in use at most: memory follows what
// there is of flows, not the size of the file. The bound is 48 MiB, and it fails at 72.
func BenchmarkReadForeign(b *testing.B) {
	const bound = 48.0
	b.ReportAllocs()
	most := uint64(0)
	for b.Loop() {
		r, n := foreign(b, 100<<20)
		b.SetBytes(n)
		peak := &peak{Reader: r}
		a, err := har.Read(peak)
		require.NoError(b, err)
		require.Len(b, a.Journeys, 1)
		most = max(most, peak.most)
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	assert.Less(b, float64(most)/(1<<20), bound*3/2)
}

func ExampleWrite() {
	u, _ := url.Parse("https://auth.example.com/as/authorize?response_mode=pi.flow")
	journey := davinci.Exchanges{{Method: "GET", URL: u, Status: 200, Response: []byte(`{"id":"node1"}`)}}
	var b bytes.Buffer
	if err := har.Write(&b, []davinci.Exchanges{journey}, "0.1.0", har.Legend{}); err != nil {
		fmt.Println(err)
	}
	a, err := har.Read(&b)
	fmt.Println(len(a.Journeys), err)
	// Output: 1 <nil>
}
