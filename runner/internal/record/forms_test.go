package record_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// formed has a flow whose only screen holds one more property.
func formed(t *testing.T, property string) *recordings.Flow {
	t.Helper()
	dir := t.TempDir()
	body := `{"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}","id":"a1b2c3d4e5",
		"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},
		"connectionId":"fedcba9876543210fedcba9876543210","capabilityName":"customHTMLTemplate",` + property + `,
		"form":{"name":"Demo","components":{"fields":[{"type":"SUBMIT_BUTTON","key":"GO","label":"Go"}]}}}`
	head := "format: 1\nsource: synthetic\nflow: demo\nhops:\n  - name: demo\n    request: {path: /as/authorize}\n" +
		"    response: {status: 200, json: demo.json}\n"
	for name, text := range map[string]string{"demo.json": body, recordings.FileName: head} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	f, err := recordings.Load(os.DirFS(dir), ".")
	require.NoError(t, err)
	return f
}

// walked are the journeys of two people through a flow, the second 37.4 seconds after.
func walked(f *recordings.Flow, at time.Time) (journeys []davinci.Exchanges) {
	for i := range 2 {
		then := *f
		then.Meta = &recordings.Meta{Date: at.Add(time.Duration(i) * 37_400 * time.Millisecond)}
		found, _ := walk.Journeys(&then, walk.Options{First: int(at.Unix()) + i})
		journeys = append(journeys, found...)
	}
	return journeys
}

// What a service generates is recorded in its form, the replay makes another value of the
// form, and recording again shows no difference.
func TestGeneratedValuesKeepTheirForm(t *testing.T) {
	t.Parallel()
	const (
		uuid   = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
		base64 = `[A-Za-z0-9_-]`
	)
	recorded := time.Date(2026, 11, 23, 9, 12, 7, 301_000_000, time.UTC)
	replayed := time.Date(2031, 2, 3, 23, 58, 30, 0, time.UTC)
	for name, row := range map[string]struct{ property, replays string }{
		"a UUID":                 {`"x":"{{correlationId}}"`, `"` + uuid + `"`},
		"a second UUID":          {`"w":"{{correlationId}}","x":"{{minted.x}}"`, `"` + uuid + `"`},
		"hexadecimal digits":     {`"x":"{{minted.x:hex40}}"`, `"[0-9a-f]{40}"`},
		"big hexadecimal digits": {`"x":"{{minted.x:HEX32}}"`, `"[0-9A-F]{32}"`},
		"the secret of an app":   {`"x":"{{minted.x:base32-32}}"`, `"[A-Z2-7]{32}"`},
		"bytes":                  {`"x":"{{minted.x:base64-33}}"`, `"[A-Za-z0-9+/]{44}"`},
		"bytes for a URL":        {`"x":"{{minted.x:base64url-64}}"`, `"` + base64 + `{86}"`},
		"a signed token":         {`"x":"{{minted.x:jwt}}"`, `"eyJ` + base64 + `+\.eyJ` + base64 + `+\.` + base64 + `{43}"`},
		"a picture":              {`"x":"{{minted.x:png}}"`, `"data:image/png;base64,iVBOR[A-Za-z0-9+/]+=*"`},
		"a drawing":              {`"x":"{{minted.x:svg}}"`, `"data:image/svg\+xml;base64,PHN2[A-Za-z0-9+/]+=*"`},
		"a QR code":              {`"x":{"qrCode":"{{minted.qrCode:qr}}"}`, `\{\s*"qrCode": "data:image/png;base64,iVBOR[A-Za-z0-9+/]{200,}=*"\s*\}`},
		"a code of letters":      {`"x":"{{minted.x:upper12}}"`, `"[A-Z0-9]{12}"`},
		"a number":               {`"x":"{{minted.x:number7}}"`, `[1-9][0-9]{6}`},
		"a number in a sentence": {`"x":"Case no. {{minted.x:digits8}}, please"`, `"Case no\. [0-9]{8}, please"`},
		"an expiry":              {`"x":"{{minted.x:time in 5m as 2006-01-02T15:04:05.000Z}}"`, `"2031-02-04T00:03:30\.000Z"`},
		"an expiry with a zone":  {`"x":"{{minted.x:time in 15s as 2006-01-02T15:04:05-07:00}}"`, `"2031-02-03T23:58:45\+00:00"`},
		"a time that is over":    {`"x":"{{minted.x:time 30s ago as 2006-01-02T15:04:05Z}}"`, `"2031-02-03T23:58:00Z"`},
		"an expiry in seconds":   {`"x":"{{minted.x:number time in 1h as unix}}"`, `1927933110`},
		"one in milliseconds":    {`"x":"{{minted.x:number time in 30s as unixms}}"`, `1927929540000`},
		"seconds as a text":      {`"x":"{{minted.x:time as unix}}"`, `"1927929510"`},
		"the date of today":      {`"x":"Signed on {{minted.x:time as January 2, 2006}}."`, `"Signed on February 3, 2031\."`},
		"a day of the week":      {`"x":"{{minted.x:time as Monday, January 2, 2006}}"`, `"Monday, February 3, 2031"`},
		"a date and a time":      {`"x":"Expires {{minted.x:time in 10m as 2 January 2006 at 15:04}} UTC"`, `"Expires 4 February 2031 at 00:08 UTC"`},
		"a time of the day":      {`"x":"until {{minted.x:time in 5m as 15:04}} or {{minted.x2:time in 10m as 3:04 PM}}"`, `"until 00:03 or 12:08 AM"`},
		"a time with seconds":    {`"x":"until {{minted.x:time in 5m as 15:04:05}}"`, `"until 00:03:30"`},
		"a time of HTTP":         {`"x":"{{minted.x:time in 1m as Mon, 02 Jan 2006 15:04:05}} GMT"`, `"Mon, 03 Feb 2031 23:59:30 GMT"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &record.Recorder{Dir: t.TempDir(), Target: &target.Target{Name: "staging"}, Fresh: true}
			service := formed(t, row.property)
			got, _, err := save(r, "demo", walked(service, recorded))
			require.NoError(t, err)
			assert.Empty(t, got.Unsure)
			flows, err := recordings.LoadAll(os.DirFS(r.Dir), ".")
			require.NoError(t, err)
			want := gjson.GetBytes(service.Hops[0].Response.JSON.Text, "x").String()
			assert.Equal(t, spaceless(want), spaceless(gjson.GetBytes(flows[0].Hops[0].Response.JSON.Text, "x").String()))

			replay, err := mockserver.New(mockserver.Config{Flows: flows, Now: func() time.Time { return replayed }})
			require.NoError(t, err)
			w := httptest.NewRecorder()
			ask := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+mockserver.DefaultEnvironment+
				"/as/authorize?response_mode=pi.flow&client_id=app&response_type=code&acr_values=demo&redirect_uri=https://app.example.com/cb", nil)
			ask.Header.Set("X-Requested-With", "ping-sdk")
			replay.ServeHTTP(w, ask)
			assert.Regexp(t, "^"+row.replays+"$", gjson.Get(w.Body.String(), "x").Raw)

			again, err := r.Relearn(flows[0], walked(service, recorded.Add(100*time.Hour+31*time.Minute)))
			require.NoError(t, err)
			changes := diff.Compare(flows[0], again.Flow, diff.Options{})
			assert.Equal(t, diff.None, changes.Worst(), "%+v", changes)
		})
	}
}

func spaceless(text string) string { return strings.Join(strings.Fields(text), "") }
