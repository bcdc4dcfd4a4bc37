package runner

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/safehtml"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// A report shows the HTML of screens and the text of labels. If it drops markup that
// splits a secret, the secret must not appear whole.
func TestNoViewOfAScreenJoinsThePartsOfASecret(t *testing.T) {
	t.Parallel()
	const whole = "tok0000SecretValue99"
	r := &secret.Redactor{}
	r.Add(whole)
	for _, between := range []string{
		"<script>x</script>", "<!-- x -->", "<!-->", "<template>x</template>", "<noscript>x</noscript>", "<iframe>x</iframe>",
		"<object data=x>y</object>", "\x00", "<!DOCTYPE x>", "<?php x ?>", "<b title='>'></b>", "<style>x</style>", "<b></b>", "&#x200b;",
	} {
		html := "<p>tok0000" + between + "SecretValue99</p>"
		quoted, err := json.Marshal(html)
		require.NoError(t, err)
		body := `{"capabilityName":"customHTMLTemplate","screen":{"properties":{"customHTML":{"value":` + string(quoted) + `}}}}`
		hops := flow.Observe(davinci.Exchanges{{
			Method: http.MethodGet, URL: &url.URL{Path: "/as/authorize"}, Status: http.StatusOK, Response: []byte(body),
		}}, true)
		a := &attempt{running: &running{}}
		screen := a.screenOf(hops[0])
		require.NotNil(t, screen)
		screen.Fields = append(screen.Fields, report.Field{Label: html})
		redactEvidence(&report.Evidence{Screen: screen}, r.Redact)
		for _, text := range []string{screen.HTML, safehtml.Frame(screen.HTML), safehtml.Text(screen.Fields[len(screen.Fields)-1].Label)} {
			assert.NotContains(t, text, whole, between)
			assert.Equal(t, r.Redact(text), text, between)
			assert.NotEmpty(t, text)
		}
	}
}
