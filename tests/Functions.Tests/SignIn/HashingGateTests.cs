using System.Net;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerFunctions.Tests.SignIn;

/// <summary>Who may have a password hashed, and how often one may be guessed.</summary>
public sealed class HashingGateTests
{
    private static readonly object Anything = new();

    [Fact]
    public void One_address_has_a_quarter_of_the_places_and_all_have_no_more_than_there_are()
    {
        var gate = NewGate();
        var first = Enumerable.Range(0, gate.PlacesOfOneAddress).Select(_ => gate.TryEnter(From("203.0.113.1")).Place).ToList();
        first.Should().NotContainNulls();

        var (place, refusal) = gate.TryEnter(From("203.0.113.1"));
        place.Should().BeNull();
        (refusal!.Kind.Status, refusal.RetryAfter > TimeSpan.Zero).Should().Be((503, true));
        var others = Enumerable.Range(0, gate.Places - gate.PlacesOfOneAddress).Select(i => gate.TryEnter(From($"198.51.100.{i}")).Place).ToList();
        others.Should().NotContainNulls();
        gate.TryEnter(From("192.0.2.1")).Place.Should().BeNull("all places are taken");

        first[0]!.Dispose();
        first[0]!.Dispose();
        gate.TryEnter(From("192.0.2.1")).Place.Should().NotBeNull();
        gate.TryEnter(From("192.0.2.2")).Place.Should().BeNull("a place that is given back twice is one place");
    }

    [Fact]
    public async Task Addresses_take_turns()
    {
        var gate = NewGate();
        using var started = new CountdownEvent(Environment.ProcessorCount);
        using var one = new ManualResetEventSlim();
        using var others = new ManualResetEventSlim();
        var order = new List<string>();
        using var busy = gate.TryEnter(From("203.0.113.1")).Place!;
        // Of the threads that hash, one goes on: what it takes next is the order.
        var blocking = Enumerable.Range(0, Environment.ProcessorCount).Select(i => busy.Run(() => { started.Signal(); (i == 0 ? one : others).Wait(); return Anything; }, CancellationToken.None)).ToList();
        started.Wait();
        var many = Enumerable.Range(0, 8).Select(_ => busy.Run(() => Note("many"), CancellationToken.None)).ToList();
        using var other = gate.TryEnter(From("198.51.100.1")).Place!;
        var alone = other.Run(() => Note("one"), CancellationToken.None);

        one.Set();
        await Task.WhenAll([.. many, alone]);
        others.Set();
        await Task.WhenAll(blocking);

        order.IndexOf("one").Should().Be(1, "it waits for one hash of the other address");

        object Note(string who)
        {
            lock (order) { order.Add(who); }
            return Anything;
        }
    }

    [Fact]
    public async Task A_request_that_nobody_waits_for_is_not_hashed_and_one_that_fails_says_so()
    {
        using var place = NewGate().TryEnter(From("203.0.113.1")).Place!;

        await place.Awaiting(each => each.Run(() => Anything, new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
        await place.Awaiting(each => each.Run<object>(() => throw new InvalidOperationException("x"), CancellationToken.None)).Should().ThrowAsync<InvalidOperationException>();
        (await place.Run(() => Anything, CancellationToken.None)).Should().BeSameAs(Anything);
    }

    [Fact]
    public async Task One_mailed_link_and_one_session_are_no_way_to_guess_a_password()
    {
        await using var app = await App.StartWithoutSchedules();
        var newcomer = new Person(app, App.NewEmail());
        await newcomer.Register();
        var token = await newcomer.LinkIn("confirm-email");
        var person = await Person.SignedUp(app);

        var confirmed = await Guess(120, i => app.Caller(key: null).Post("/api/auth/confirm-email", new { token, password = $"guess number {i}" }));
        var changed = await Guess(120, i => person.Api.Post("/api/auth/change-password", new { currentPassword = $"guess number {i}", newPassword = "another long password" }));

        confirmed.Count(status => status == 401).Should().Be(10);
        confirmed.Count(status => status == 429).Should().Be(110);
        changed.Count(status => status == 400).Should().Be(10);
        changed.Count(status => status == 429).Should().Be(110);
    }

    [Fact]
    public async Task Registrations_that_the_gate_refuses_cost_nothing_of_the_hours_budget()
    {
        await using var app = await App.StartWithoutSchedules();
        var together = await Task.WhenAll(Enumerable.Range(0, 70).Select(_ => Register()));
        together.Should().OnlyContain(status => status == 202 || status == 503 || status == 429);
        var accepted = together.Count(status => status == 202);

        for (var status = 202; status == 202; accepted += status == 202 ? 1 : 0) { status = await Register(); }

        accepted.Should().Be(50, "an address has fifty an hour");

        async Task<int> Register() => (await app.Caller(key: null).Post("/api/auth/register", new { email = App.NewEmail(), password = "correct horse battery staple", name = "Ada Lovelace" })).Status;
    }

    private static async Task<List<int>> Guess(int times, Func<int, Task<Answer>> call)
    {
        var statuses = new List<int>();
        for (var i = 0; i < times; i++) { statuses.Add((await call(i)).Status); }
        return statuses;
    }

    private static HashingGate NewGate() => new(TimeProvider.System, NullLogger<HashingGate>.Instance);

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
