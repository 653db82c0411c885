namespace CustomerFunctions.Tests.SignIn;

public sealed class RegisterTests
{
    [Fact]
    public async Task Who_registers_and_confirms_can_sign_in()
    {
        var app = await App.Shared;
        var person = new Person(app, App.NewEmail());
        await person.Register();
        (await person.SignIn()).ShouldBeRefused(403, "email-unconfirmed");
        await person.Confirm();

        (await person.SignIn()).ShouldBe(200);

        var me = (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        ((string?)me["email"]).Should().Be(person.Email);
        ((string?)me["role"]).Should().Be("customer");
    }

    [Fact]
    public async Task An_address_in_use_gets_the_same_answer_and_another_mail()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);

        await person.Register("another long password");

        await person.LinkIn("already-registered");
        (await person.SignIn("another long password")).ShouldBeRefused(401, "sign-in-failed");
        (await person.SignIn()).ShouldBe(200);
    }

    [Fact]
    public async Task Nobody_confirms_a_strangers_registration()
    {
        var app = await App.Shared;
        var person = new Person(app, App.NewEmail());
        await person.Register("the stranger's password");
        var first = await person.LinkIn("confirm-email");
        await person.Register();
        var second = await person.LinkIn("confirm-email", count: 2);
        var anyone = app.Caller(key: null);

        (await anyone.Post("/api/auth/confirm-email", new { token = first, password = "the stranger's password" })).ShouldBeRefused(422, "link-unusable");
        (await anyone.Post("/api/auth/confirm-email", new { token = second, password = "the stranger's password" })).ShouldBeRefused(401, "sign-in-failed");
        (await anyone.Post("/api/auth/confirm-email", new { token = second, password = Person.FirstPassword })).ShouldBe(204);
        (await anyone.Post("/api/auth/confirm-email", new { token = second, password = Person.FirstPassword })).ShouldBeRefused(422, "link-unusable");
        (await person.SignIn("the stranger's password")).ShouldBeRefused(401, "sign-in-failed");
    }

    [Fact]
    public async Task Of_many_who_register_an_address_at_once_one_has_it()
    {
        var app = await App.Shared;
        var person = new Person(app, App.NewEmail());

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => person.Register()));

        (await app.Data.All("accounts")).Count(account => (string?)account["email"] == person.Email && (string?)account["type"] == "account").Should().Be(1);
    }

    [Theory]
    [InlineData("short", "too-short")]
    [InlineData("Password123!", "too-common")]
    [InlineData("P@ssw0rd2024", "too-common")]
    [InlineData("maverick", "too-common")]
    [InlineData("Corvette#1", "too-common")]
    [InlineData("qwertyuiop", "too-common")]
    [InlineData("aaaaaaaaaaaa", "too-common")]
    [InlineData("12345678", "too-common")]
    [InlineData("Lovelace1815", "too-close")]
    public async Task A_password_that_is_easily_guessed_is_refused(string password, string code)
    {
        var answer = (await (await App.Shared).Caller(key: null).Post("/api/auth/register", new { email = App.NewEmail(), password, name = "Ada Lovelace" })).ShouldBeRefused(400, "invalid-request", "/password");
        ((string?)answer["errors"]![0]!["code"]).Should().Be(code);
    }

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("Zimmer-Fahrrad 7")]
    [InlineData("tr0ub4dor&3xyz")]
    public async Task A_password_that_is_not_is_taken(string password) =>
        (await (await App.Shared).Caller(key: null).Post("/api/auth/register", new { email = App.NewEmail(), password, name = "Ada Lovelace" })).ShouldBe(202);
}
