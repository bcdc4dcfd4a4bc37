@errors
Feature: Errors that leave the screen as it was
  Some errors are for the person: the screen is still there, and another try may
  go through.

  Background:
    Given the flow "errors"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Choose an Error"

  Scenario Outline: <button> answers <status>
    Then the form has the fields:
      | key              | type        | label                                      |
      | CUSTOM_ERROR     | FLOW_BUTTON | Show a custom error message                |
      | CUSTOMIZED_ERROR | FLOW_BUTTON | Fail in a connector with a message of ours |
      | INVALID_ID       | FLOW_BUTTON | Fail with a lone detail                    |
      | SESSION_REFUSED  | FLOW_BUTTON | Refuse the session                         |
      | TIMEOUT          | FLOW_BUTTON | Run into the time limit                    |
      | EXPIRED          | FLOW_BUTTON | Lose the interaction                       |
      | FAILED           | FLOW_BUTTON | Fail with status 200                       |
      | SERVER_ERROR     | FLOW_BUTTON | Answer 500 as JSON                         |
      | UNAVAILABLE      | FLOW_BUTTON | Answer 503 as a page                       |
      | NO_CODE          | FLOW_BUTTON | End without a code                         |
    And "form.description" is "Each button ends in another outcome"
    And the response matches the schema "../schemas/screen.json"
    When I press "<button>"
    Then the response status is <status>
    And the flow reports an error with code "<code>"
    And the flow reports "<message>"
    And the form offers "<button>"

    Examples:
      | button           | status | code             | message                        |
      | CUSTOM_ERROR     | 403    | accountSuspended | This account is suspended.     |
      | CUSTOMIZED_ERROR | 400    | 400              | We could not read your profile |
      | INVALID_ID       | 400    | validationError  | Invalid group                  |

  @smoke
  Scenario: The author's own error message
    When I press "Show a custom error message"
    Then the capability is "customErrorMessage"
    And "connectorId" is "errorConnector"
    And "details" is absent
    And the flow reports "This account is suspended."

  Scenario: An error of a connector in the author's words
    When I press "CUSTOMIZED_ERROR"
    Then the response has:
      | path                       | value     |
      | isErrorCustomized          | true      |
      | code                       | 400       |
      | details.0.statusCode       | 404       |
      | details.0.rawResponse.code | NOT_FOUND |
    And "code" is a number

  Scenario: After an error another button still works
    When I press "INVALID_ID"
    Then the flow reports "Invalid group"
    And "details.0.rawResponse" is absent
    When I press "CUSTOM_ERROR"
    Then the flow reports "This account is suspended."
