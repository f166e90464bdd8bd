// SPDX-License-Identifier: GPL-2.0
//
// Functions inlined into each other in the ways that Rust has for it: generic ones, closures,
// methods of traits, and iterators of the standard library; for test_lines.py, which asks
// other tools about every instruction of it.

use std::fmt::Display;

#[inline(always)]
fn square(x: u64) -> u64 {
    x.wrapping_mul(x)
}

#[inline(always)]
fn twice<T: Copy + Into<u64>>(x: T) -> u64 {
    x.into() + square(x.into())
}

#[inline(always)]
fn deep(x: u64) -> u64 {
    if x > 100 {
        return twice(square(x) as u32) ^ twice(x as u8);
    }
    square(x + 1)
}

trait Visit {
    fn visit(&mut self, price: u64) -> u64;
}

struct Summer<'a, T> {
    sum: u64,
    of: &'a [T],
}

impl<'a, T: Copy + Into<u64>> Visit for Summer<'a, T> {
    #[inline(never)]
    fn visit(&mut self, price: u64) -> u64 {
        self.sum += self.of.iter().map(|x| deep((*x).into() + price)).filter(|x| x & 1 == 0).sum::<u64>();
        self.sum
    }
}

#[inline(never)]
fn each<F: Fn(u64) -> u64>(v: &[u64], f: F) -> u64 {
    v.iter().rev().fold(0, |sum, x| sum ^ f(*x))
}

mod counter {
    #[inline(never)]
    pub fn label<D: super::Display>(what: D, n: u64) -> String {
        let mut s = what.to_string();
        s.push_str(&super::deep(n).to_string());
        s
    }
}

fn main() {
    let v: Vec<u64> = std::env::args().map(|a| a.len() as u64).collect();
    let small: Vec<u8> = v.iter().map(|x| *x as u8).collect();
    let mut visitors: Vec<Box<dyn Visit + '_>> =
        vec![Box::new(Summer { sum: 0, of: &v }), Box::new(Summer { sum: 1, of: &small })];
    let n = v.len() as u64;

    for p in visitors.iter_mut() {
        println!("{}", p.visit(n));
    }
    println!("{}", each(&v, |x| deep(x) + twice(n as u16)));
    println!("{} {}", counter::label("price", n), counter::label('x', n));
}
