package learn_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
)

// What the protocol allows beside the usual: each row changes exchanges that
// are learned as usual otherwise.
func TestOtherWaysOnTheWire(t *testing.T) {
	for name, row := range map[string]struct {
		journey func(k *talk)
		check   func(t *testing.T, f *recordings.Flow)
	}{
		"a custom domain has no environment in its paths": {
			func(k *talk) {
				k.start(`"companyId":"` + environment + `"`)
				k.post(rightly, http.StatusOK, completed(k))
				for i := range k.exchanges {
					x := &k.exchanges[i]
					x.URL.Path = strings.Replace(x.URL.Path, "/"+environment, "", 1)
					x.Response = []byte(strings.ReplaceAll(string(x.Response), origin+"/"+environment, origin))
				}
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				body := gjson.ParseBytes(f.Hops[0].Response.JSON.Text)
				assert.Equal(t, "{{envID}}", body.Get("companyId").String())
				assert.Equal(t, "{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}",
					body.Get("_links.next.href").String())
			},
		},
		"the widget posts its fields flat": {
			func(k *talk) {
				k.start("")
				k.post(`{}`, http.StatusOK, completed(k))
				k.exchanges[1].Body = []byte(`{"id":"form1","eventName":"continue","parameters":{"buttonType":"form-submit",` +
					`"buttonValue":"SIGNON","username":"carol.canary","password":"other than that"}}`)
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				assert.Equal(t, "SIGNON", f.Hops[1].Request.Action)
				assert.Equal(t, map[string]any{"username": "${user.username}", "password": "${user.wrongPassword}"},
					f.Hops[1].Request.FormData())
			},
		},
		"the widget starts a policy": {
			func(k *talk) {
				k.start("")
				x := &k.exchanges[0]
				x.Method, x.URL.RawQuery, x.Body = http.MethodPost, "", []byte(`{"a":"b&c=d"}`)
				x.URL.Path = "/" + environment + "/davinci/policy/5012727d02503c3c246e6a660e020812/start"
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				assert.Equal(t, "/as/authorize", f.Hops[0].Request.Path)
				assert.Empty(t, f.Hops[0].Request.Query)
			},
		},
		"headers in small letters, cookies in one line": {
			func(k *talk) {
				k.start("")
				k.post(rightly, http.StatusOK, completed(k))
				for i := range k.exchanges {
					small := http.Header{}
					for name, values := range k.exchanges[i].Header {
						small[strings.ToLower(name)] = values
					}
					k.exchanges[i].Header = small
				}
				k.exchanges[1].ResponseHeader["set-cookie"] = []string{
					"ST=" + k.id() + "; Path=/; HttpOnly; Secure; SameSite=None\nother=" + k.id() +
						"; Domain=example.com; Expires=Mon, 23 Nov 2026 09:10:01 GMT\ngone=; Max-Age=0",
				}
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				assert.NotNil(t, f.Hops[0].Response.JSON, "JSON was asked for")
				var cookies []string
				for _, c := range f.Hops[1].Response.Cookies {
					cookies = append(cookies, c.String())
				}
				assert.Equal(t, []string{"ST", "other; Max-Age=600", "gone; Max-Age=0"}, cookies)
			},
		},
		"cookies with quotes, JSON and brackets": {
			func(k *talk) {
				k.start("")
				k.post(rightly, http.StatusOK, completed(k))
				k.exchanges[1].ResponseHeader["Set-Cookie"] = []string{
					`pref="dark mode"; Path=/`, `seen={"a":1,"b":[2]}; Secure`, `cart[1]=x; Max-Age=60`, "no cookie",
					"of-carol.canary=1; Path=/",
				}
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				var cookies []string
				for _, c := range f.Hops[1].Response.Cookies {
					cookies = append(cookies, c.String())
				}
				assert.Equal(t, []string{"pref; Path=/", "seen; Secure", "cart[1]; Max-Age=60"}, cookies)
			},
		},
		"a redirect carries what the completion does": {
			func(k *talk) {
				k.start("")
				k.post(rightly, http.StatusFound, "")
				k.exchanges[1].ResponseHeader.Set("Location", "https://app.example.com/back?code=c0de"+k.id()+
					"&state="+k.state()+"&iss="+url.QueryEscape(origin+"/"+environment+"/as"))
				k.exchanges[1].ResponseHeader.Set("Retry-After", "3")
				k.exchanges[1].ResponseHeader.Set("X-Other", "5")
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				assert.Equal(t, map[string]string{
					"Location":    "https://app.example.com/back?code={{code}}&state={{state}}&iss={{authPath}}%2F{{envID}}%2Fas",
					"Retry-After": "3",
				}, f.Hops[1].Response.Headers)
			},
		},
		"generated values have their form": {
			func(k *talk) {
				hex := strings.Repeat(fmt.Sprintf("a%07d", k.number), 8)
				picture := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x89PNG"+k.id(), k.number)))
				k.start(`"seed":"` + hex + `","proof":"eyJhbGciOiJub25lIn0.` + base64.RawURLEncoding.EncodeToString([]byte(k.id())) +
					`.c2ln","qr":"data:image/png;base64,` + picture + `"`)
				k.post(rightly, http.StatusOK, completed(k))
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				top := gjson.ParseBytes(f.Hops[0].Response.JSON.Text)
				assert.Equal(t, "{{minted.seed:hex64}}", top.Get("seed").Str)
				assert.Equal(t, "{{minted.proof:jwt}}", top.Get("proof").Str)
				assert.Equal(t, "{{minted.qr:qr}}", top.Get("qr").Str)
			},
		},
		"braces of the service": {
			func(k *talk) {
				k.start("")
				k.post(rightly, http.StatusOK, completed(k))
				html := `"{{{skjson options}}} <b>{{user.email}}</b> ${user.email}"`
				k.exchanges[0].Response = []byte(strings.Replace(string(k.exchanges[0].Response), "{",
					`{"text":"{{{user.email}}}","screen":{"properties":{"customHTML":{"value":`+html+`}}},`, 1))
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				text := f.Hops[0].Response.JSON
				if text == nil {
					text = f.Hops[0].Response.Detailed
				}
				assert.NotContains(t, string(text.Text), "{{user.", "nothing is filled in")
				assert.Equal(t, "{{{user.email}}}", gjson.GetBytes(text.Text, "text").Str)
				assert.Equal(t, "{{{skjson options}}} <b>{{user.email}}</b> ${user.email}",
					gjson.GetBytes(text.Text, "screen.properties.customHTML.value").Str)
			},
		},
		"a page": {
			func(k *talk) {
				k.start("")
				k.post(rightly, http.StatusServiceUnavailable, "<p>Sorry, carol.canary. {{name}}</p>")
			},
			func(t *testing.T, f *recordings.Flow) {
				t.Helper()
				require.NotNil(t, f.Hops[1].Response.HTML)
				assert.Equal(t, "<p>Sorry, {{user.username}}. {{literal:braces}}name}}</p>", string(f.Hops[1].Response.HTML.Text))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := learned(t, twice(row.journey), learn.Options{Name: "demo"})
			assert.Empty(t, got.Broken)
			_, again := written(t, got)
			row.check(t, again)
		})
	}
}

// A name that a person gave looks like a secret, and is none.
func TestAFlowHasANameOfManyCharacters(t *testing.T) {
	transcripts := twice(func(k *talk) {
		k.start("")
		k.post(rightly, http.StatusOK, completed(k))
	})
	const name = "registration_v2_2026-11-22"
	_, again := written(t, learned(t, transcripts, learn.Options{Name: name, Policy: name}))
	assert.Equal(t, name, again.Policy)
}
