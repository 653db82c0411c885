using LocalAzure.Tests.FunctionsHost;

// The test runner loads this assembly and calls nothing here; started as a program it is the app that the host is tested with.
await SampleApp.Run();
