@password-reset
Feature: Password reset
  A person who forgot the password gets a recovery code by email and sets a new one.

  Background:
    Given the flow "password-reset"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  @smoke
  Scenario: Alice forgot her password and sets a new one
    Then the form has the fields:
      | key      | type          | label                      |
      | username | TEXT          | Username                   |
      | password | PASSWORD      | Password                   |
      | SIGNON   | SUBMIT_BUTTON | Sign On                    |
      | TROUBLE  | FLOW_BUTTON   | Having trouble signing on? |
    And "form.description" is "Prompt for username and password"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the flow reports "Invalid username and/or password"
    And "details.0.rawResponse.details.0.innerError.failuresRemaining" is 1
    And the flow reports an error with code "Invalid username and/or password"
    When I press "TROUBLE"
    Then the flow pauses at "Reset Password Form"
    And the form has the fields:
      | key      | type          | label             |
      | username | TEXT          | Username or email |
      | CONTINUE | SUBMIT_BUTTON | Continue          |
      | CANCEL   | FLOW_BUTTON   | Back to sign on   |
    And "form.description" is "Prompt for the user whose password is to be reset"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
    Then the flow pauses at "New Password Form"
    And the form has the fields:
      | key          | type          | label           |
      | recoveryCode | TEXT          | Recovery Code   |
      | newPassword  | PASSWORD      | New Password    |
      | RESET        | SUBMIT_BUTTON | Reset Password  |
      | RESEND       | FLOW_BUTTON   | Send a new code |
      | CANCEL       | FLOW_BUTTON   | Back to sign on |
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key          | value               |
      | recoveryCode | ${user.otp}         |
      | newPassword  | ${user.newPassword} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"

  Scenario Outline: Alice is found by her <what>
    When I press "TROUBLE"
    Then the flow pauses at "Reset Password Form"
    When I submit the form with:
      | key      | value   |
      | username | <value> |
    Then the flow pauses at "New Password Form"
    And "form.description" matches "sent to alice@example\.com"

    Examples:
      | what     | value            |
      | username | ${user.username} |
      | email    | ${user.email}    |

  Scenario: An unknown address
    When I press "TROUBLE"
    Then the flow pauses at "Reset Password Form"
    When I submit the form with:
      | key      | value              |
      | username | nobody@example.com |
    Then the flow reports an error with code "userNotFound"
    And "expected" is true
    And "errorCategory" is "Expected"
    And the form offers "CONTINUE"
    And the flow reports "No account matches this username or email"

  Scenario Outline: <what> is refused
    When I press "TROUBLE"
    Then the flow pauses at "Reset Password Form"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
    Then the flow pauses at "New Password Form"
    When I submit the form with:
      | key          | value      |
      | recoveryCode | <code>     |
      | newPassword  | <password> |
    Then the response status is 400
    And the flow reports "<message>"
    And "details.0.rawResponse.details.0.target" is "<target>"
    And the form offers "RESET"
    And the flow reports an error with code "invalidValue"

    Examples:
      | what            | code        | password            | message                      | target       |
      | A wrong code    | 000000      | ${user.newPassword} | Invalid verification code    | recoveryCode |
      | A used password | ${user.otp} | ${user.password}    | The password was used before | newPassword  |

  Scenario: The reset can be left
    When I press "Having trouble signing on?"
    Then the flow pauses at "Reset Password Form"
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
    And the form does not offer "RESET"

  Scenario: A new code can be sent, and the reset left
    When I press "TROUBLE"
    Then the flow pauses at "Reset Password Form"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
    Then the flow pauses at "New Password Form"
    When I press "Send a new code"
    Then the flow pauses at "New Password Form"
    And "id" is unchanged
    When I press "Back to sign on"
    Then the flow pauses at "Sign On Form"
