package learn

import (
	"net/http"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// answersPrompt reports whether a value is a passkey for what its screen asked.
func answersPrompt(s *step, key string, value gjson.Result) bool {
	if s.from == nil {
		return false
	}
	screen := (davinci.Reader{}).Read(http.StatusOK, nil, []byte(s.from.top.Raw)).Screen()
	if screen == nil {
		return false
	}
	f := screen.Field(key)
	if f == nil || !f.Prompts() {
		return false
	}
	prompt, err := f.Prompt()
	if err != nil {
		return false
	}
	_, err = prompt.CheckClientData(value)
	return err == nil
}
