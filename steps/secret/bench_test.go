package secret_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/secret"
)

// screenOf returns a body as a service sends it, of about so many bytes: half of
// it JSON, half of it the HTML of a page inside of a JSON string.
func screenOf(size int) string {
	var b strings.Builder
	b.WriteString(`{"id":"vd6qrg8bkx","connectionId":"867ed4363b2bc21c860085ad2baa817d","capabilityName":"customHTMLTemplate",` +
		`"interactionId":"00d0c9a1-6a3c-4b36-8bcd-0d9ad2a1b3b4","_links":{"next":{"href":"https://auth.pingone.eu/` +
		`b0a7c1de-1111-4222-8333-444455556666/davinci/connections/867ed4363b2bc21c860085ad2baa817d/capabilities/customHTMLTemplate"}},` +
		`"form":{"name":"Sign On","components":{"fields":[`)
	for i := 0; b.Len() < size/2; i++ {
		fmt.Fprintf(&b, `{"type":"TEXT","key":"field-%d","label":"Please enter the number %d","required":true},`, i, i)
	}
	b.WriteString(`{"type":"LABEL","content":"`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `<div class=\"form-group row\" id=\"row-%d\"><a href=\"/next?step=%d&amp;lang=en\">Go&nbsp;on &amp; sign on</a></div>\n`, i, i)
	}
	b.WriteString(`"}]}}}`)
	return b.String()
}

// secretsOf returns so many secrets, as a journey has them: tokens, cookies, a password.
func secretsOf(n int) []string {
	out := []string{`p"a\s<s>&w'o/r d+1`}
	for i := 1; i < n; i++ {
		out = append(out, strings.Repeat(fmt.Sprintf("%c%cq%07d", 'a'+i%26, 'A'+i*7%26, i*7919), 1+i%20))
	}
	return out[:n]
}

func BenchmarkRedact(b *testing.B) {
	for _, size := range []int{2 << 10, 20 << 10} {
		for _, n := range []int{0, 1, 10, 40} {
			b.Run(fmt.Sprintf("%dKB/%d", size>>10, n), func(b *testing.B) {
				text, r := screenOf(size), &secret.Redactor{Parent: &secret.Redactor{}}
				r.Add(secretsOf(n)...)
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					r.Redact(text)
				}
			})
		}
	}
}

// A scenario's redactor serves few texts: making it counts.
func BenchmarkScenario(b *testing.B) {
	parent := &secret.Redactor{}
	parent.Add(secretsOf(10)...)
	values, text := secretsOf(30), screenOf(4<<10)
	b.ReportAllocs()
	for b.Loop() {
		r := &secret.Redactor{Parent: parent}
		r.Add(values[10:]...)
		for range 3 {
			r.Redact(text)
			r.Redact("https://auth.pingone.eu/b0a7c1de-1111-4222-8333-444455556666/as/authorize?response_mode=pi.flow")
			r.Redact("application/json; charset=utf-8")
		}
	}
}

// BenchmarkRunsOfOneSign redacts texts that may be read in many ways. It reports how many times as
// long that takes for the worst secret as for one of which nothing is in the text. The bound is 15,
// and it fails at 22.5: the fastest of up to three counts.
func BenchmarkRunsOfOneSign(b *testing.B) {
	const size, bound, tries = 16 << 10, 15, 3
	took := func(value, text string) time.Duration {
		r := &secret.Redactor{}
		r.Add(value)
		began := time.Now()
		r.Redact(text)
		return time.Since(began)
	}
	worst := 0.0
	for b.Loop() {
		for _, sign := range []string{`\`, `\\`, "%", "%25", "&", "&amp;amp;", "=", "=3D\n", `\u005c`, "&#92;"} {
			text := strings.Repeat(sign, size/len(sign))
			for _, length := range []int{1, 4, 8, 200} {
				for _, begin := range []string{`\`, sign[:1]} {
					for _, value := range []string{strings.Repeat(begin, length), strings.Repeat(begin, length) + "b"} {
						few, many := time.Hour, time.Hour
						for try := 0; try == 0 || try < tries && many > bound*few; try++ {
							few, many = min(few, took("nothing of it", strings.Repeat(`\`, size))), min(many, took(value, text))
						}
						if times := float64(many) / float64(few); times > worst {
							worst = times
							b.Logf("%.10q of %d in %q: %.1f times, %s", value, length, sign, times, many)
						}
					}
				}
			}
		}
	}
	b.ReportMetric(worst, "times")
	assert.Less(b, worst, bound*3/2.0)
}
