// SPDX-License-Identifier: MIT
// What tests/scripts/test_page.py asks of the page of scripts/matrix, in a
// browser: measure(document, window of a frame) returns what is wrong, as text.
'use strict';

const LEAST_CONTRAST = 4.5;  // WCAG 2.1, level AA
const NAMED = 5;             // of what is wrong in the same way

function numbers(colour) {
    const parts = colour.match(/[\d.]+/g).map(Number);
    return parts.length === 3 ? [...parts, 1] : parts;
}

function luminance(rgb) {
    const [r, g, b] = rgb.slice(0, 3).map(value => {
        const part = value / 255;
        return part <= 0.03928 ? part / 12.92
                               : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}

// The colour behind an element: of the nearest one that has any.
function behind(element, win, known) {
    if (!element)
        return [255, 255, 255, 1];
    if (!known.has(element)) {
        const own = numbers(win.getComputedStyle(element).backgroundColor);
        known.set(element, own[3] === 0
            ? behind(element.parentElement, win, known) : own);
    }
    return known.get(element);
}

function name(element) {
    return element.tagName.toLowerCase() +
        (element.className ? '.' + element.className : '') + ' "' +
        element.textContent.trim().slice(0, 30) + '"';
}

function pale(doc, win) {
    const walk = doc.createTreeWalker(doc.body, 4);  // text
    const known = new Map(), found = new Map();
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || found.has(element))
            continue;
        const ratio = contrast(
            numbers(win.getComputedStyle(element).color),
            behind(element, win, known));
        if (ratio < LEAST_CONTRAST)
            found.set(element, `contrast ${ratio.toFixed(2)}: ${name(element)}`);
    }
    return [...found.values()];
}

// The page does not scroll sideways; its tables may, in their own boxes.
function wide(doc, win) {
    const more = doc.documentElement.scrollWidth - win.innerWidth;
    return more > 0 ? [`the page is ${more} px wider than the window`] : [];
}

// Nothing sticks out of its cell.
function cut(doc) {
    return [...doc.querySelectorAll('.rules td, .rules th, .fields td, .totals td')]
        .filter(cell => cell.scrollWidth > cell.clientWidth + 1)
        .map(cell => `sticks out of its cell: ${name(cell)}`);
}

// Scrolled into a table, its head is still in sight.
function headless(doc, win) {
    const wrong = [];
    for (const table of doc.querySelectorAll('table.rules, table.grid')) {
        const head = table.querySelector('thead > tr > *');
        const box = table.parentElement;
        if (table.offsetHeight < 3 * head.offsetHeight)
            continue;  // all of it is in sight
        let top = 0;
        if (win.getComputedStyle(box).overflowY === 'visible') {
            win.scrollTo(0, table.getBoundingClientRect().top +
                         win.scrollY + table.offsetHeight / 2);
        } else {
            box.scrollTop = box.scrollHeight;
            top = box.getBoundingClientRect().top + 1;
        }
        const at = head.getBoundingClientRect().top;
        const scrolled = table.getBoundingClientRect().top < top - 1;
        if (scrolled && Math.abs(at - top) > 2)
            wrong.push(`the head is at ${at}, expected ${top}: ${name(head)}`);
    }
    return wrong;
}

function dangling(doc) {
    return [...doc.querySelectorAll('a')]
        .filter(link => !doc.getElementById(
            decodeURIComponent(link.getAttribute('href').slice(1))))
        .map(link => `leads nowhere: ${link.getAttribute('href')}`);
}

function measure(doc, win, sticky) {
    const all = [pale(doc, win), wide(doc, win), cut(doc), dangling(doc),
                 sticky ? headless(doc, win) : []];
    return all.flatMap(some => some.slice(0, NAMED));
}
