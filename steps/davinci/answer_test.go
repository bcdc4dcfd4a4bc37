package davinci_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/davinci"
)

func TestSecretCookies(t *testing.T) {
	for line, want := range map[string]bool{
		"lang=en": false, "stepIndex=0": false, "fifteen=123456789012345": false,
		"ST=a": true, "ST-NO-SS=b": true, "interactionToken=c": true, "sixteen=1234567890123456": true,
	} {
		name, value, _ := strings.Cut(line, "=")
		assert.Equal(t, want, davinci.SecretCookie(name, value), line)
	}
}
