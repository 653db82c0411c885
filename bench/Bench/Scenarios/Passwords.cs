using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>
/// Sign-ins and customer lists from one address, at rest and while another address always has many sign-ins in flight. Those have the
/// right passwords, so the budget for failures never stops them, and only the hashing gate does.
/// </summary>
internal static class Passwords
{
    private const string Password = "correct horse battery staple";
    private const string Crowd = "203.0.113.1";
    private const string Other = "198.51.100.1";

    public static async Task Run(Options options)
    {
        var (connections, samples, pause) = (options.Get("connections", 64), options.Get("samples", 30), TimeSpan.FromMilliseconds(options.Get("pause", 100)));
        await using var cloud = await LocalCloud.Start(await Published.Product());
        using var visitor = await Visitor.Of(cloud);
        await cloud.CreateCustomer("Listed");
        var person = await Visitor.Account(cloud, Password);
        var crowd = new List<string>();
        for (var i = 0; i < connections; i++) { crowd.Add(await Visitor.Account(cloud, Password)); }

        Console.WriteLine("\n| from another address | sign-in, ms, median (smallest to largest) | customer list, ms, median (smallest to largest) |\n| --- | --- | --- |");
        await Measure("nothing else in flight", visitor, cloud.AdminKey, person, samples, isWarmUp: true);
        await Measure("nothing else in flight", visitor, cloud.AdminKey, person, samples);

        var answers = new ConcurrentDictionary<int, int>();
        using var end = new CancellationTokenSource();
        var begun = Stopwatch.GetTimestamp();
        var flood = crowd.Select(email => Task.Run(() => SignInUntil(visitor, email, pause, answers, end.Token))).ToList();
        await Measure(string.Create(CultureInfo.InvariantCulture, $"{connections} sign-ins in flight"), visitor, cloud.AdminKey, person, samples);
        await end.CancelAsync();
        await Task.WhenAll(flood);
        var elapsed = Stopwatch.GetElapsedTime(begun);

        Console.WriteLine("\nAnswers to the sign-ins in flight, each second: " + string.Join(", ", answers.OrderBy(answer => answer.Key)
            .Select(answer => string.Create(CultureInfo.InvariantCulture, $"{answer.Value / elapsed.TotalSeconds:0} × {answer.Key}"))));
    }

    private static async Task Measure(string what, Visitor visitor, string key, string person, int samples, bool isWarmUp = false)
    {
        var (signIns, lists) = (new Sample(), new Sample());
        for (var i = 0; i < samples; i++)
        {
            await Time(signIns, () => visitor.Post("/api/auth/sign-in", Other, new { email = person, password = Password }));
            for (var list = 0; list < 5; list++) { await Time(lists, () => visitor.Get("/api/customers", Other, key)); }
        }
        if (!isWarmUp) { Console.WriteLine($"| {what} | {signIns} | {lists} |"); }
    }

    private static async Task Time(Sample sample, Func<Task<int>> call)
    {
        var begun = Stopwatch.GetTimestamp();
        var status = await call();
        if (status != 200) { throw new InvalidOperationException($"The answer was {status}."); }
        sample.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    /// <summary>Asks again after a pause that is far shorter than Retry-After. Without one, this process would keep a core busy with refusals alone.</summary>
    private static async Task SignInUntil(Visitor visitor, string email, TimeSpan pause, ConcurrentDictionary<int, int> answers, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var status = await visitor.Post("/api/auth/sign-in", Crowd, new { email, password = Password });
            answers.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (status != 200) { await Task.Delay(pause, CancellationToken.None); }
        }
    }
}
