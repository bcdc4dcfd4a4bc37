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

// A value that means several things is in each journey what that journey made of it, though
// all journeys share what they know besides.
func TestAKnownValueIsWhatItsJourneyMakesOfIt(t *testing.T) {
	t.Parallel()
	l := &learner{
		o: Options{
			Users:     map[string]map[string]string{"bob": {"phone": "+1 (555) 010-0123"}},
			Generated: map[string]string{"someone@example.com": "unique.email"},
			Secrets:   []string{"A-Secret-1"},
		},
		typedSecrets: []string{"q1w2e", "15550100123", "A-Secret-2"},
	}
	alice := map[string]string{"email": "Someone@Example.com", "password": "A-Secret-2"}
	first, second := &journey{l: l, user: alice}, &journey{l: l}
	first.learn(known{value: "q1w2e", name: "state", exact: true})
	const text = "q1w2e, 15550100123, someone@example.com, A-Secret-1 and A-Secret-2"
	for range 2 {
		assert.Equal(t, "q1w2e, "+mark("user.phone")+", "+mark("unique.email")+", "+standIn(0)+" and "+mark("user.password"),
			first.replace(text, ""))
		assert.Equal(t, mark("state"), first.replace("q1w2e", ""))
		assert.Equal(t, mark("user.email"), first.replace("Someone@Example.com", ""))
		assert.Equal(t, standIn(1)+", "+mark("user.phone")+", "+mark("unique.email")+", "+standIn(0)+" and "+standIn(3),
			second.replace(text, ""))
	}
}
