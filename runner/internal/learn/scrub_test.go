package learn_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
)

const (
	origin      = "https://auth.example.com"
	environment = "b0a7c1de-1111-4222-8333-444455556666"
	connection  = "38371f93b20695287f3d5bcb1a1da669"
)

// A talk is a journey that a test makes up: each is another interaction.
type talk struct {
	number    int
	exchanges davinci.Exchanges
}

func (k *talk) id() string    { return fmt.Sprintf("0dd0%04d-1111-4222-8333-444455556666", k.number) }
func (k *talk) state() string { return fmt.Sprintf("state-%04d", k.number) }
func (k *talk) token() string {
	return strings.Repeat(fmt.Sprintf("a%07d", k.number*100+len(k.exchanges)), 32)
}

// exchange adds an exchange.
func (k *talk) exchange(method, path, body string, status int, response string) {
	u, err := url.Parse(origin + "/" + environment + path)
	if err != nil {
		panic(err) // the tests make their own URLs
	}
	header := http.Header{"X-Requested-With": {"ping-sdk"}}
	if method == http.MethodPost {
		header.Set("interactionId", k.id())
		header.Set("interactionToken", k.token())
	}
	k.exchanges = append(k.exchanges, davinci.Exchange{
		Began: time.Date(2026, 11, 23, 9, 0, len(k.exchanges), 0, time.UTC), Method: method, URL: u, Header: header,
		Body: []byte(body), Status: status, ResponseHeader: http.Header{}, Response: []byte(response),
	})
}

// start starts the flow, which answers with a screen that holds more.
func (k *talk) start(more string) {
	k.exchange(http.MethodGet, "/as/authorize?response_mode=pi.flow&client_id=app&state="+k.state(),
		"", http.StatusOK, k.screen("form1", "Sign On", more))
}

// screen is a screen with a username and a password; more is put into it.
func (k *talk) screen(node, name, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"id":"` + node + `","connectionId":"` + connection + `","capabilityName":"customHTMLTemplate","interactionId":"` +
		k.id() + `","interactionToken":"` + k.token() + `","_links":{"next":{"href":"` + origin + "/" + environment +
		"/davinci/connections/" + connection + `/capabilities/customHTMLTemplate"}},"form":{"name":"` + name +
		`","components":{"fields":[{"type":"TEXT","key":"username"},{"type":"PASSWORD","key":"password"},` +
		`{"type":"TEXT","key":"code"},{"type":"SUBMIT_BUTTON","key":"SIGNON"}]}}` + more + `}`
}

// post presses SIGNON with formData.
func (k *talk) post(form string, status int, response string) {
	k.exchange(http.MethodPost, "/davinci/connections/"+connection+"/capabilities/customHTMLTemplate",
		`{"id":"form1","eventName":"continue","interactionId":"`+k.id()+
			`","parameters":{"eventType":"submit","data":{"actionKey":"SIGNON","formData":`+form+`}}}`, status, response)
}

func completed(k *talk) string {
	return `{"id":"end","capabilityName":"returnSuccessResponseRedirect","interactionId":"` + k.id() +
		`","session":{"id":"` + k.id() + `5"},"status":"COMPLETED","environment":{"id":"` + environment + `"},` +
		`"authorizeResponse":{"code":"c0de` + k.id() + `","state":"` + k.state() + `"}}`
}

const refused = `{"id":"check","capabilityName":"checkPassword","code":"refused","message":"That was wrong"}`

// twice makes the same journey two times.
func twice(journey func(k *talk)) []davinci.Exchanges {
	var transcripts []davinci.Exchanges
	for n := range 2 {
		k := &talk{number: n + 1}
		journey(k)
		transcripts = append(transcripts, k.exchanges)
	}
	return transcripts
}

// both puts journeys after one another.
func both(all ...[]davinci.Exchanges) []davinci.Exchanges {
	var transcripts []davinci.Exchanges
	for _, each := range all {
		transcripts = append(transcripts, each...)
	}
	return transcripts
}

const apiKey = "f7Gk29sLqPz84HdmWxQ1vT0b"

// Nothing that looks like a secret is recorded before a person says what it is.
func TestWhatLooksLikeASecretIsRefused(t *testing.T) {
	for name, row := range map[string]struct{ more, want string }{
		"an API key":              {`"settings":{"keys":["x","` + apiKey + `"]}`, "sign-on.json: settings.keys.1: a string of high entropy of 24 characters"},
		"one in a text":           {`"note":"the key is ` + apiKey + `."`, "sign-on.json: note: a string of high entropy of 36 characters"},
		"a token":                 {`"jwt":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4eHh4In0.c2ln"`, "sign-on.json: jwt: a token of 44 characters"},
		"one in Base64 of a text": {`"x":"` + base64.StdEncoding.EncodeToString([]byte(`{"key":"`+apiKey+`"}`)) + `"`, "sign-on.json: x: a string of high entropy of 48 characters"},
		"an email address":        {`"help":"write to dora@some-firm.de"`, "sign-on.json: help: an email address of 26 characters"},
		"a phone number":          {`"help":"call +49 30 1234567"`, "sign-on.json: help: a phone number of 19 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			transcripts := twice(func(k *talk) { k.start(row.more) })
			_, err := learn.Learn(transcripts, learn.Options{Name: "demo"})
			var refusal *learn.SecretError
			require.ErrorAs(t, err, &refusal)
			require.EqualError(t, err, "nothing is recorded, since there may be secrets in it\n  "+row.want+
				", from journey 1, hop 1; journey 2, hop 1\n  name the value as a secret or as an attribute of a user, or allow its path where it is none")

			path := refusal.Candidates[0].Path
			for _, rule := range []learn.Rule{{Path: path}, {Path: "**"}, {Path: path, Match: regexp.MustCompile(".")}} {
				_, err = learn.Learn(transcripts, learn.Options{Name: "demo", Allow: []learn.Rule{rule}})
				require.NoError(t, err, "a rule allows it")
			}
			for _, rule := range []learn.Rule{{Path: "form.*"}, {Path: path, Match: regexp.MustCompile("^never$")}} {
				_, err = learn.Learn(transcripts, learn.Options{Name: "demo", Allow: []learn.Rule{rule}})
				require.ErrorAs(t, err, &refusal, "another rule does not")
			}
		})
	}
}

// What everybody may read is no secret.
func TestWhatIsNoSecretIsRecorded(t *testing.T) {
	for name, more := range map[string]string{
		"the id of a resource":       `"formId":"73ea0ff7-8a4d-44d2-b92d-e855409de7c9"`,
		"the id of a flow":           `"flowId":"95de97ed5b757cdfe353e4db5ae6b770"`,
		"a link":                     `"logo":"https://assets.example.com/davinci/latest/images/2026-11/our-company-logo-large.svg"`,
		"a sentence":                 `"message":"We have sent 2 letters, 3 parcels and 14 postcards to you; they arrive on 2027-01-05."`,
		"a regular expression":       `"regex":"^[A-Za-z0-9._%+-]{3,64}@[a-z0-9.-]+\\.[a-z]{2,}$"`,
		"an example address":         `"hint":"someone@example.com"`,
		"a component in Base64":      `"html":"[[[skcomponent###` + base64.StdEncoding.EncodeToString([]byte(`{"type":"skbutton","label":"Sign on 123 now"}`)) + `###eA==]]]"`,
		"a picture":                  `"qr":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"`,
		"braces of the service":      `"text":"Hello {{name}} and {{user.password}}"`,
		"the characters of a policy": `"minCharacters":{"ABCDEFGHIJKLMNOPQRSTUVWXYZ":1,"0123456789":1,"~!@#$%^&*()-_=+[]{}|;:,.<>/?":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := learned(t, twice(func(k *talk) { k.start(more) }), learn.Options{Name: "demo"})
			_, again := written(t, got)
			want := gjson.Parse("{" + more + "}")
			want.ForEach(func(key, value gjson.Result) bool {
				have := gjson.GetBytes(again.Hops[0].Response.JSON.Text, key.Str)
				assert.Equal(t, value.Value(), have.Value())
				return true
			})
		})
	}
}

// A secret that is known takes a stand-in, wherever it stands and however it is
// written, and equal ones have equal stand-ins.
func TestKnownSecretsAreReplaced(t *testing.T) {
	const clientSecret = "Client-Secret/7&8 ü"
	mail := canaries["carol"]["email"]
	quoted := func(s string) string { return encoded(s) }
	for name, row := range map[string]struct{ value, want string }{
		"a client secret":              {clientSecret, "flowtest-secret-1"},
		"a client secret within":       {"before " + clientSecret + ", after", "before flowtest-secret-1, after"},
		"an attribute":                 {"Sent to " + mail + ".", "Sent to {{user.email}}."},
		"an attribute in a URL":        {"/x?login_hint=" + url.QueryEscape(mail) + "&y=1", "/x?login_hint={{user.email}}&y=1"},
		"an address in small letters":  {strings.ToLower(mail) + " or " + mail, "{{user.email}} or {{user.email}}"},
		"a number without blanks":      {"tel:+491512345678", "tel:{{user.phone}}"},
		"an attribute in HTML":         {"<b>Hello O&#39;Canary</b>", "<b>Hello {{user.familyName}}</b>"},
		"an attribute in Base64":       {"hint " + base64.StdEncoding.EncodeToString([]byte("for "+mail)), "hint {{minted.here:base64-31}}"},
		"an attribute in a token":      {"eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"`+mail+`"}`)) + ".x", "{{minted.here:jwt}}"},
		"a password":                   {canaries["carol"]["password"], "{{user.password}}"},
		"a one-time code":              {"Your code is 739182!", "Your code is {{user.otp}}!"},
		"a short name within another":  {"Carolindas", "Carolindas"},
		"a secret in JSON within JSON": {encoded(map[string]string{"key": clientSecret}), `{"key":"flowtest-secret-1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			transcripts := twice(func(k *talk) { k.start(`"here":` + quoted(row.value)) })
			if name == "a short name within another" {
				transcripts = twice(func(k *talk) { k.start(`"here":"Ottos"`) })
				row.want = "Ottos"
			}
			got := learned(t, transcripts, learn.Options{Name: "demo", Secrets: []string{clientSecret}})
			_, again := written(t, got)
			assert.Equal(t, row.want, gjson.GetBytes(again.Hops[0].Response.JSON.Text, "here").String())
		})
	}
}

// A password that was not configured is kept out like any other, and so is what
// the service says about it.
func TestTypedSecretsAreKeptOut(t *testing.T) {
	const password = "nobody told of this one"
	got := learned(t, twice(func(k *talk) {
		k.start("")
		k.post(`{"username":"zoe@some-firm.de","password":"`+password+`"}`, http.StatusBadRequest,
			`{"id":"check","capabilityName":"check","message":"`+password+` is wrong for zoe@some-firm.de"}`)
	}), learn.Options{Name: "demo", Users: map[string]map[string]string{}})
	_, again := written(t, got)
	assert.Equal(t, "flowtest-secret-2 is wrong for flowtest-secret-1",
		gjson.GetBytes(again.Hops[1].Response.JSON.Text, "message").String())
	assert.Equal(t, map[string]any{"username": "*", "password": "*"}, again.Hops[1].Request.FormData())
}

func TestVerifyFindsASecretInEveryEncoding(t *testing.T) {
	const secret = `se"cret/<värde>+1`
	forms := map[string]string{"plain": secret, "HTML": html.EscapeString(secret), "URL": url.PathEscape(secret)}
	for before := range 3 {
		for after := range 3 {
			text := strings.Repeat("x", before) + secret + strings.Repeat("y", after)
			forms["Base64"+text] = base64.StdEncoding.EncodeToString([]byte(text))
			forms["Base64, URL"+text] = base64.RawURLEncoding.EncodeToString([]byte(text))
			forms["Base64 of bytes"+text] = base64.StdEncoding.EncodeToString([]byte("\xff\xfe\xfd" + text + "\xff"))
		}
	}
	forms["URL, small letters"] = strings.ToLower(url.QueryEscape(secret))
	forms["JSON in JSON"] = encoded(encoded(secret))
	forms["HTML in a URL"] = url.QueryEscape("se&quot;cret/&lt;värde&gt;+1")
	forms["a token"] = "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(encoded(map[string]string{"a": secret}))) + ".x"
	forms["Base64 of Base64"] = base64.StdEncoding.EncodeToString([]byte(base64.URLEncoding.EncodeToString([]byte("x" + secret))))
	forms["numbers for characters"] = "se&#34;cret&#x2f;&#60;v&auml;rde&#62;&#43;1"
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"a/recording.yaml": {Data: []byte("one\ntwo " + form + " end\n")}, "b.json": {Data: []byte("{}")}}
			err := learn.Verify(fsys, []string{"other secret", secret})
			require.EqualError(t, err, "a secret is left at a/recording.yaml:2: the files must not be kept")
		})
	}
	t.Run("over two lines", func(t *testing.T) {
		err := learn.Verify(fstest.MapFS{"x.html": {Data: []byte("a\nfirst\nsecond\n")}}, []string{"first\nsecond"})
		require.EqualError(t, err, "a secret is left at x.html:1: the files must not be kept")
	})
	t.Run("a short one only by itself", func(t *testing.T) {
		require.NoError(t, learn.Verify(fstest.MapFS{"x": {Data: []byte("annual canned")}}, []string{"ann"}))
		require.Error(t, learn.Verify(fstest.MapFS{"x": {Data: []byte("an annual, ann!")}}, []string{"ann"}))
	})
	t.Run("none", func(t *testing.T) {
		require.NoError(t, learn.Verify(recordings.Shipped(), []string{secret}))
	})
	require.Error(t, learn.Verify(os.DirFS("/nowhere at all"), nil))
}
