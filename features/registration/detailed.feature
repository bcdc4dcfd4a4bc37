@registration @detailed
Feature: Registration with detailed responses
  The same registration, driven through the HTML of its pages.

  Background:
    Given the flow "registration"
    And detailed responses
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I press "No account? Register now!"
    Then the flow pauses at "Registration Form"
    And the page shows "Create Your Account Tell us who you are. Email Given Name Family Name Password Create Account Back to sign on"
    And the form has the fields:
      | key              | type          | label           |
      | user.email       | TEXT          | Email           |
      | user.name.given  | TEXT          | Given Name      |
      | user.name.family | TEXT          | Family Name     |
      | user.password    | PASSWORD      | Password        |
      | submit           | SUBMIT_BUTTON | Create Account  |
      | CANCEL           | FLOW_BUTTON   | Back to sign on |

  @smoke
  Scenario: A newcomer registers through the pages
    Then the page has the inputs:
      | name             | type     | required | value |
      | user.email       | email    | true     |       |
      | user.name.given  | text     | true     |       |
      | user.name.family | text     | true     |       |
      | user.password    | password | true     |       |
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    Then the flow pauses at "Verify Email Form"
    And the page shows "Check Your Inbox Enter the six digits from our message. Verification Code Verify Send a new code Back to sign on"
    And the page has the inputs:
      | name | type | required | value |
      | code | text | true     |       |
    And the form has the fields:
      | key    | type          | label             |
      | code   | TEXT          | Verification Code |
      | VERIFY | SUBMIT_BUTTON | Verify            |
      | RESEND | FLOW_BUTTON   | Send a new code   |
      | CANCEL | FLOW_BUTTON   | Back to sign on   |
    When I submit the form with:
      | key  | value       |
      | code | ${user.otp} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"

  Scenario Outline: The page asks for <what>
    Then the page has an input "<input>"
    And the page shows "<label>"

    Examples:
      | what           | input            | label       |
      | an address     | user.email       | Email       |
      | the first name | user.name.given  | Given Name  |
      | the last name  | user.name.family | Family Name |
      | a password     | user.password    | Password    |

  Scenario: A weak password is refused
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | not-the-password   |
    Then the response status is 400
    And the flow reports an error with code "invalidValue"
    And the form offers "submit"

  Scenario: Registration can be left after the code was sent
    When I submit the form with:
      | key              | value              |
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    Then the page has a button "RESEND"
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
    And the page shows "Sign On Use your example.com account. Username Password Sign On No account? Register now!"
    And the page has the inputs:
      | name     | type     | required | value |
      | username | text     | true     |       |
      | password | password | true     |       |
    And the form has the fields:
      | key      | type          | label                     |
      | username | TEXT          | Username                  |
      | password | PASSWORD      | Password                  |
      | SIGNON   | SUBMIT_BUTTON | Sign On                   |
      | REGISTER | FLOW_BUTTON   | No account? Register now! |
