package learn

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/davinci"
)

// What is known of a text is never taken apart, though another word differs in its place in
// other journeys: a variable within a variable would be no recording.
func TestAKnownValueIsNoWordThatDiffers(t *testing.T) {
	t.Parallel()
	codes := lookAt("482913", time.Time{}).and(lookAt("517204", time.Time{}))
	text := mark("user.otp") + " was sent"
	j := &journey{}
	tt := &templating{templater: templater{&learner{}}, values: map[string]string{}, names: map[string]string{}}
	tt.s = &step{j: j, x: &davinci.Exchange{}}
	assert.Equal(t, text, tt.words(&leaf{text: text, path: "message"}, &variation{words: map[int]look{0: codes}}))
}
