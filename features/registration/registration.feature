@registration
Feature: Registration
  A newcomer makes an account, and shows with a code that the email address is
  really theirs.

  Background:
    Given the flow "registration"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I press "REGISTER"
    Then the flow pauses at "Registration Form"

  @smoke
  Scenario: A newcomer registers
    Then "form.description" is "Prompt for the attributes of a new user"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    Then the flow pauses at "Verify Email Form"
    And "form.description" is "Enter the code that was sent to ${user.email}"
    And the form has the fields:
      | key    | type          | label             |
      | code   | TEXT          | Verification Code |
      | VERIFY | SUBMIT_BUTTON | Verify            |
      | RESEND | FLOW_BUTTON   | Send a new code   |
      | CANCEL | FLOW_BUTTON   | Back to sign on   |
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key  | value       |
      | code | ${user.otp} |
    Then the flow completes
    And the session cookies are set

  @smoke
  Scenario: A person registers with values that are new in each run
    When I submit the form with:
      | key              | value              |
      | user.email       | ${unique.email}    |
      | user.name.given  | ${unique.username} |
      | user.name.family | ${unique}          |
      | user.password    | ${unique.password} |
    Then the flow pauses at "Verify Email Form"
    And "form.description" is "Enter the code that was sent to ${unique.email}"
    And the form has the fields:
      | key    | type          | label             |
      | code   | TEXT          | Verification Code |
      | VERIFY | SUBMIT_BUTTON | Verify            |
      | RESEND | FLOW_BUTTON   | Send a new code   |
      | CANCEL | FLOW_BUTTON   | Back to sign on   |
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I remember "interactionId" as "the journey"
    And I submit the form with:
      | key  | value  |
      | code | 000000 |
    Then the flow reports "Invalid verification code"
    And "interactionId" is "${remembered.the journey}"
    And the flow reports an error with code "invalidValue"
    When I press "RESEND"
    Then the flow pauses at "Verify Email Form"
    When I submit the form with:
      | key  | value       |
      | code | ${user.otp} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The form says what it needs
    Then the form has the fields:
      | key                | type            | label                       | required |
      | registration-intro | LABEL           | <p>Tell us who you are.</p> | false    |
      |                    | ERROR_DISPLAY   |                             | false    |
      | user.email         | TEXT            | Email                       | true     |
      | user.name.given    | TEXT            | Given Name                  | true     |
      | user.name.family   | TEXT            | Family Name                 | true     |
      | user.password      | PASSWORD_VERIFY | Password                    | true     |
      | submit             | SUBMIT_BUTTON   | Create Account              | false    |
      | CANCEL             | FLOW_BUTTON     | Back to sign on             | false    |

  Scenario: The form says what a password must be like
    Then the response has:
      | path                                                                            | value |
      | form.components.fields.#(key==user.password).passwordPolicy.length.min          | 12    |
      | form.components.fields.#(key==user.password).passwordPolicy.history.count       | 6     |
      | form.components.fields.#(key==user.password).passwordPolicy.minUniqueCharacters | 5     |
      | form.components.fields.#(key==user.password).showPasswordRequirements           | true  |
    And "form.components.fields.#(key==user.password).passwordPolicy.minCharacters" is an object

  Scenario: A weak password is refused, and a better one taken
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | not-the-password   |
    Then the response status is 400
    And the flow reports an error with code "invalidValue"
    And the flow reports "The password does not meet the requirements of the password policy"
    And the response has:
      | path                                                                 | value        |
      | details.0.rawResponse.code                                           | INVALID_DATA |
      | details.0.rawResponse.details.0.target                               | password     |
      | details.0.rawResponse.details.0.innerError.unsatisfiedRequirements.0 | length       |
      | details.0.rawResponse.details.0.innerError.unsatisfiedRequirements.# | 3            |
    When I fill in "user.password" with "${user.password}"
    And I press "submit"
    Then the flow pauses at "Verify Email Form"

  Scenario: A wrong code is refused, and the right one taken
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    Then the flow pauses at "Verify Email Form"
    When I submit the form with:
      | key  | value  |
      | code | 000000 |
    Then the flow reports "Invalid verification code"
    And the form offers "RESEND"
    When I submit the form with:
      | key  | value       |
      | code | ${user.otp} |
    Then the flow completes

  Scenario: A new code can be sent
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    Then the flow pauses at "Verify Email Form"
    When I press "Send a new code"
    Then the flow pauses at "Verify Email Form"
    And "id" is unchanged
    When I submit the form with:
      | key  | value       |
      | code | ${user.otp} |
    Then the flow completes

  Scenario: A person who has not registered cannot sign on
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
    And the form has the fields:
      | key      | type          | label                     |
      | username | TEXT          | Username                  |
      | password | PASSWORD      | Password                  |
      | SIGNON   | SUBMIT_BUTTON | Sign On                   |
      | REGISTER | FLOW_BUTTON   | No account? Register now! |
    And "form.description" is "Prompt for username and password"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key      | value            |
      | username | newcomer         |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And "details.0.rawResponse.count" is 0
    And "details.0.statusCode" is 200
    And the flow reports an error with code "Invalid username and/or password"
